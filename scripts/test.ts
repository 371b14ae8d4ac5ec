/**
 * `npm test [-- PATH... [--name PATTERN]]`: unit tests in this process, then integration tests, a process per file.
 * Prints a line per file, every failure in full and every skip with its reason; finding no test at all is a failure.
 *
 *   npm test -- src/oci                      the tests under a path
 *   npm test -- --name 'refuses'             tests whose name matches a pattern
 *   npm test -- --coverage                   with the coverage of src/
 */
import { glob } from 'node:fs/promises'
import { resolve } from 'node:path'
import { run } from 'node:test'
import { parseArgs } from 'node:util'
import { printSummary, report, type Outcome } from './test-report.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { name: { type: 'string', multiple: true }, coverage: { type: 'boolean' } },
})
const root = resolve(import.meta.dirname, '..')
const names = values.name ? { testNamePatterns: values.name } : {}
const coverage = values.coverage ? { coverage: true, coverageIncludeGlobs: ['src/**/*.ts'] } : {}

const unit = await find(['src/**/*.test.ts', 'bench/*.test.ts', 'test/*.test.ts'])
const integration = await find(['test/{integration,conformance}/**/*.test.ts'])
console.log(`${unit.length} files of unit tests, ${integration.length} files of integration tests`)
if (unit.length + integration.length === 0) {
  console.error(`no test file is under ${positionals.join(', ') || root}`)
  process.exit(1)
}

const outcomes: Outcome[] = []
if (unit.length > 0) {
  const stream = run({ files: unit, isolation: 'none', ...names, ...coverage })
  outcomes.push(await report(stream, root))
}
if (integration.length > 0) {
  const stream = run({ files: integration, isolation: 'process', concurrency: 2, ...names })
  outcomes.push(await report(stream, root))
}

printSummary(outcomes)
const tests = outcomes.reduce((sum, outcome) => sum + outcome.passed + outcome.skipped, 0)
const hasFailed = outcomes.some((outcome) => outcome.failed > 0)
if (tests === 0 && !hasFailed) console.error('no test ran: nothing matches the pattern')
process.exitCode = hasFailed || tests === 0 ? 1 : 0

/** Test files, sorted, cut down to those under the paths of the command line. */
async function find(patterns: readonly string[]): Promise<string[]> {
  const files = (await Array.fromAsync(glob(patterns, { cwd: root }))).map((file) => resolve(root, file))
  const wanted = positionals.map((path) => resolve(path))
  const isWanted = (file: string) =>
    wanted.length === 0 || wanted.some((path) => file === path || file.startsWith(`${path}/`))
  return files.filter(isWanted).toSorted()
}
