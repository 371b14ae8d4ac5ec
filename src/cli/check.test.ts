import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { test } from 'node:test'
import { ruleNames } from '../dockerfile/index.ts'
import { slipway, type SlipwayResult } from '../../test/support/slipway.ts'
import { temporaryFolder, type TemporaryFolder } from '../../test/support/temporary-folder.ts'

const dirty = `FROM scratch AS Base
ARG VERSION=1
COPY left.md right.txt /
WORKDIR app
ENV APP_VERSION=$VERSON
ENTRYPOINT /app/server
`

async function project(files: Readonly<Record<string, string>>): Promise<TemporaryFolder> {
  const folder = await temporaryFolder()
  for (const [name, text] of Object.entries(files)) await writeFile(folder.join(name), text)
  return folder
}

async function run(folder: TemporaryFolder, ...args: string[]): Promise<SlipwayResult> {
  return slipway(args, { home: folder.path, cwd: folder.path })
}

test('build --check prints findings with code frames and exits with 1', async () => {
  await using folder = await project({ Dockerfile: dirty, '.dockerignore': '*.md\n' })
  const { status, stdout, stderr } = await run(folder, 'build', '--check', '.')
  assert.equal(stderr, '')
  assert.equal(status, 1)
  assert.match(
    stdout,
    /^warning: Usage of undefined variable '\$VERSON' \(did you mean \$VERSION\?\) \(UndefinedVar\)\n {2}Dockerfile:5:17\n {4}5 \| ENV APP_VERSION=\$VERSON\n {6}\| {17}\^{7}\n/m,
  )
  assert.deepEqual(
    [...stdout.matchAll(/^warning: .*\((\w+)\)$/gm)].map(([, rule]) => rule),
    ['StageNameCasing', 'CopyIgnoredFile', 'WorkdirRelativePath', 'UndefinedVar', 'JSONArgsRecommended'],
  )
  assert.ok(stdout.endsWith('\n5 findings in Dockerfile\n'))
})

test('a clean Dockerfile exits with 0, one that cannot be parsed with 2 and nothing on stdout', async () => {
  await using folder = await project({
    Dockerfile: 'FROM scratch\nCOPY a /\n',
    Bad: 'FROM scratch\nCPY a /\n',
  })
  const clean = await run(folder, 'build', '--check', '.')
  assert.deepEqual([clean.status, clean.stdout, clean.stderr], [0, '0 findings in Dockerfile\n', ''])
  const bad = await run(folder, 'build', '--check', '-f', 'Bad', '.')
  assert.deepEqual([bad.status, bad.stdout], [2, ''])
  assert.match(bad.stderr, /unknown instruction "CPY"\n {2}Bad:2:1\n/)
  const missing = await run(folder, 'build', '--check', '-f', 'Missing', '.')
  assert.equal(missing.status, 2)
  assert.match(missing.stderr, /Missing cannot be read: it does not exist/)
  const format = await run(folder, 'build', '--check', '--format', 'xml', '.')
  assert.equal(format.status, 2)
})

test('--format json has findings and errors', async () => {
  await using folder = await project({ Dockerfile: 'FROM scratch\nCMD a\nENV a=${b:?no}' })
  const { status, stdout } = await run(folder, 'build', '--check', '--format', 'json', '.')
  assert.equal(status, 2)
  assert.deepEqual(JSON.parse(stdout), {
    findings: [
      {
        rule: 'JSONArgsRecommended',
        severity: 'warning',
        message: 'JSON arguments recommended for CMD to prevent unintended behavior related to OS signals',
        file: 'Dockerfile',
        line: 2,
        column: 1,
        endColumn: 4,
        hint: 'write CMD ["program", "argument"]',
        url: 'https://docs.docker.com/go/dockerfile/rule/json-args-recommended/',
      },
    ],
    errors: [
      {
        code: 'DOCKERFILE_INVALID',
        message: 'cannot expand "${b:?no}": b: no',
        file: 'Dockerfile',
        line: 3,
        column: 7,
      },
    ],
  })
})

interface Sarif {
  version: string
  $schema: string
  runs: {
    columnKind: string
    tool: {
      driver: { name: string; version: string; rules: { id: string; shortDescription: { text: string } }[] }
    }
    invocations: {
      executionSuccessful: boolean
      toolExecutionNotifications: { message: { text: string } }[]
    }[]
    results: {
      ruleId: string
      ruleIndex: number
      level: string
      message: { text: string }
      locations: { physicalLocation: { artifactLocation: { uri: string }; region: Record<string, number> } }[]
    }[]
  }[]
}

test('--format sarif is SARIF 2.1.0: rules with ids, results with regions, relative addresses', async () => {
  await using folder = await project({ 'Docker file': dirty })
  const { status, stdout } = await run(folder, 'build', '--check', '--format=sarif', '-f', 'Docker file', '.')
  assert.equal(status, 1)
  const log = JSON.parse(stdout) as Sarif
  assert.equal(log.version, '2.1.0')
  assert.match(log.$schema, /sarif-2\.1\.0/)
  const [sarif] = log.runs
  assert.ok(sarif)
  const { driver } = sarif.tool
  assert.deepEqual([driver.name, sarif.columnKind], ['slipway', 'utf16CodeUnits'])
  assert.deepEqual(
    driver.rules.map(({ id }) => id),
    ruleNames,
  )
  assert.ok(driver.rules.every(({ shortDescription }) => shortDescription.text !== ''))
  assert.equal(sarif.results.length, 4)
  for (const { ruleId, ruleIndex, level, message, locations } of sarif.results) {
    assert.equal(driver.rules[ruleIndex]?.id, ruleId)
    assert.ok(['error', 'warning', 'note'].includes(level))
    assert.notEqual(message.text, '')
    const [{ physicalLocation }] = locations as [(typeof locations)[0]]
    assert.equal(physicalLocation.artifactLocation.uri, 'Docker%20file')
    const { startLine = 0, startColumn = 0, endColumn = 0 } = physicalLocation.region
    assert.ok(startLine >= 1 && startColumn >= 1 && endColumn > startColumn)
  }
  assert.deepEqual(sarif.invocations, [{ executionSuccessful: true, toolExecutionNotifications: [] }])
})

const plan = `images:
  - {name: one, dockerfile: Dockerfile, context: ., args: {KIND: a}}
  - {name: two, dockerfile: Dockerfile, context: ., args: {KIND: B}}
  - {name: three, dockerfile: Other, context: .}
platforms: [linux/amd64, linux/arm64]
`
const shared = 'ARG KIND=a\nFROM scratch\nARG KIND\nCOPY slipway.yaml /\nMAINTAINER me\nWORKDIR $KIND\n'

test('bake --check reports each Dockerfile once for all its images, variants and platforms', async () => {
  await using folder = await project({
    'slipway.yaml': plan,
    Dockerfile: shared,
    Other: 'FROM scratch\nCMD a\n',
  })
  const { status, stdout } = await run(folder, 'bake', '--check')
  assert.equal(status, 1)
  assert.deepEqual(
    [...stdout.matchAll(/^ {2}(\w+:\d+):\d+$/gm)].map(([, place]) => place),
    ['Dockerfile:5', 'Dockerfile:6', 'Dockerfile:6', 'Other:2'],
  )
  assert.match(stdout, /\n4 findings in 2 Dockerfiles\n$/)
})

test('a build prints one line of warnings for each Dockerfile and goes on, unless it says error=true', async () => {
  const oci = ['-o', 'type=oci,dest=out', '--progress=plain']
  await using folder = await project({
    'slipway.yaml': plan,
    Dockerfile: shared,
    Other: '# check=error=true\nFROM scratch AS unused\nCMD a\nFROM scratch\nCOPY Other /\n',
    Strict: '# check=error=true\nFROM scratch\nCMD a\n',
  })
  await mkdir(folder.join('out'))
  const baked = await run(folder, 'bake', ...oci)
  assert.equal(baked.status, 0, baked.stderr)
  assert.deepEqual(baked.stderr.match(/^.*lint.*$/gm), [
    'warning: 3 lint warnings in Dockerfile (slipway bake --check shows them)',
  ])
  const strict = await run(folder, 'build', '-f', 'Strict', ...oci, '.')
  assert.equal(strict.status, 2)
  assert.match(strict.stderr, /Strict says error=true, and lint finds: JSON arguments recommended/)
})

test('a base that no registry gives is noted, and its variables are not missed', async () => {
  const text = 'FROM 127.0.0.1:9/x\nENV a=$HOME\n'
  await using folder = await project({ Dockerfile: text })
  const { status, stdout, stderr } = await run(folder, 'build', '--check', '.')
  assert.deepEqual([status, stdout], [0, '0 findings in Dockerfile\n'])
  assert.match(stderr, /^note: what 127\.0\.0\.1:9\/x sets is not known: /)
})
