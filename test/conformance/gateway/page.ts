/** The suite as a page: every official test with what comes of it here. */
import { statusCases, trafficCases } from './all-cases.ts'
import { officialTests, skippedTests, type Level, type OfficialTest } from './catalog.ts'

const titles: Readonly<Record<Level, string>> = {
  core: 'Core',
  extended: 'Extended',
  provisional: 'Provisional',
  mesh: 'Mesh',
}

const onTranslator = new Set(statusCases.map(({ name }) => name))

function isRun({ name }: OfficialTest): boolean {
  return !skippedTests.has(name)
}

/** `docs/gateway-conformance.md` */
export function conformancePage(): string {
  const run = officialTests.filter(isRun)
  const lines = [
    '# Conformance of the gateway',
    '',
    'Made by `node scripts/gateway-conformance.ts`; do not edit.',
    '',
    'The Gateway API has a conformance suite (v1.6) that talks to a cluster. There is none here, so the suite is written',
    'again in TypeScript: the same tests by the same names, with manifests and assertions of our own after the same',
    'expectations. This is no report of the official suite, which cannot run without a kube-apiserver.',
    '',
    `Of ${officialTests.length} official tests ${run.length} are run and pass, and ${skippedTests.size} are skipped, each with its reason.`,
    '',
    '```',
    'npm test -- test/conformance/gateway                              all of them',
    'npm test -- test/conformance/gateway --name HTTPRouteMatching     one',
    '```',
    '',
    "- **status**: objects go through the loader's store and the translators; every listener counts as bound. Changes are",
    '  new versions of objects.',
    '- **traffic**: a gateway with the embedded data plane on loopback, each Gateway at an address of its own, in front of',
    '  echo backends over HTTP/1.1, HTTP/2, TLS, WebSocket, gRPC, TCP and UDP. Changes are edits of files. An answer counts',
    '  when it comes three times in a row.',
    '',
    ...(['core', 'extended', 'provisional', 'mesh'] as const).flatMap(table),
  ]
  return lines.join('\n')
}

function table(level: Level): string[] {
  const tests = officialTests.filter((official) => official.level === level)
  const passed = tests.filter(isRun).length
  return [
    `## ${titles[level]}: ${passed} of ${tests.length}`,
    '',
    '| test | features | run on | outcome |',
    '|---|---|---|---|',
    ...tests.map(row),
    '',
  ]
}

function row({ name, features }: OfficialTest): string {
  const skipped = skippedTests.get(name)
  const where = skipped === undefined ? (onTranslator.has(name) ? 'status' : 'traffic') : ''
  return `| ${name} | ${features.join(', ')} | ${where} | ${skipped === undefined ? 'pass' : `skip: ${skipped}`} |`
}

/** Names of cases, for the test that none is missing or double. */
export function caseNames(): string[] {
  return [...statusCases, ...trafficCases].map(({ name }) => name)
}
