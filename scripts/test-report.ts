/** What `npm test` prints of the events of node's test runner. */
import { relative } from 'node:path'
import type { run } from 'node:test'
import { inspect, styleText } from 'node:util'

export interface Outcome {
  /** lines of the runner about the whole run, such as `tests 12` and `duration_ms 34.5` */
  readonly summary: readonly string[]
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

type Stream = ReturnType<typeof run>
type TestEvent = Stream extends AsyncIterable<infer Event> ? Event : never
type Passed = Extract<TestEvent, { type: 'test:pass' }>['data']
type Failed = Extract<TestEvent, { type: 'test:fail' }>['data']

interface FileReport {
  passed: number
  failed: number
  readonly skips: string[]
  /** what tests said with `context.diagnostic` */
  readonly notes: string[]
  /** names of the suites the running test is in, and its own */
  path: string[]
}

interface Report {
  readonly root: string
  readonly files: Map<string, FileReport>
  /** lines of the runner about the whole run */
  readonly summary: string[]
}

/** Prints failures as they happen, then a line per file with its skips and notes. */
export async function report(stream: Stream, root: string): Promise<Outcome> {
  const state: Report = { root, files: new Map(), summary: [] }
  for await (const event of stream) take(state, event)
  for (const [file, counts] of state.files) printFile(relative(root, file), counts)
  const all = [...state.files.values()]
  return {
    summary: state.summary,
    passed: all.reduce((sum, { passed }) => sum + passed, 0),
    failed: all.reduce((sum, { failed }) => sum + failed, 0),
    skipped: all.reduce((sum, { skips }) => sum + skips.length, 0),
  }
}

/** Prints the runner's summaries as one: lines that end in a number are added up. */
export function printSummary(outcomes: readonly Outcome[]): void {
  const sums = new Map<string, number>()
  for (const line of outcomes.flatMap(({ summary }) => summary)) {
    const [, name = line, number] = /^(\w+) ([\d.]+)$/.exec(line) ?? []
    sums.set(name, (sums.get(name) ?? 0) + Number(number ?? Number.NaN))
  }
  for (const [name, sum] of sums)
    console.log(`${mark('blue', 'ℹ')} ${name}${Number.isNaN(sum) ? '' : ` ${Math.round(sum)}`}`)
}

function take(state: Report, event: TestEvent): void {
  switch (event.type) {
    case 'test:start': {
      const file = fileOf(state, event.data.file)
      file.path = [...file.path.slice(0, event.data.nesting), event.data.name]
      break
    }
    case 'test:pass':
      takePassed(fileOf(state, event.data.file), event.data)
      break
    case 'test:fail':
      takeFailed(state, event.data)
      break
    case 'test:stdout':
    case 'test:stderr':
      process.stderr.write(event.data.message)
      break
    case 'test:diagnostic':
      if (event.data.nesting === 0) state.summary.push(event.data.message)
      else fileOf(state, event.data.file).notes.push(event.data.message)
      break
    case 'test:coverage':
      printCoverage(event.data.summary, state.root)
      break
    default:
  }
}

function takePassed(file: FileReport, { name, skip, todo, details }: Passed): void {
  const reason = skip ?? todo
  if (reason !== undefined && reason !== false) file.skips.push(`${name}: ${reason}`)
  else if (details.type !== 'suite') file.passed++
}

function takeFailed(state: Report, { file: path, name, nesting, details }: Failed): void {
  // A suite or a file fails because a test in it did, and that was shown already.
  if ((details.error as { failureType?: unknown }).failureType === 'subtestsFailed') return
  const file = fileOf(state, path)
  file.failed++
  const title = [...file.path.slice(0, nesting), name].join(' > ')
  console.log(
    `${mark('red', '✖')} ${relative(state.root, path ?? '')}: ${title}\n${explain(details.error)}\n`,
  )
}

function fileOf(state: Report, path = ''): FileReport {
  const file = state.files.get(path) ?? { passed: 0, failed: 0, skips: [], notes: [], path: [] }
  state.files.set(path, file)
  return file
}

function printFile(file: string, { passed, failed, skips, notes }: FileReport): void {
  const sign = failed > 0 ? mark('red', '✖') : skips.length > 0 ? mark('yellow', '﹣') : mark('green', '✔')
  const parts = [`${passed} passed`]
  if (failed > 0) parts.push(`${failed} failed`)
  if (skips.length > 0) parts.push(`${skips.length} skipped`)
  console.log(`${sign} ${file}  ${parts.join(', ')}`)
  for (const skip of skips) console.log(`    skipped ${skip}`)
  for (const note of notes) console.log(`    ${note}`)
}

/** The error a test threw; the runner's own wrapping tells nothing more. */
function explain(error: Error): string {
  const text = inspect(error.cause ?? error, { depth: 6, colors: process.stdout.isTTY })
  return text.replaceAll(/^/gm, '    ')
}

function mark(colour: 'red' | 'green' | 'yellow' | 'blue', text: string): string {
  return styleText(colour, text, { stream: process.stdout })
}

interface Coverage {
  readonly files: readonly { readonly path: string; readonly coveredLinePercent: number }[]
  readonly totals: { readonly coveredLinePercent: number; readonly coveredBranchPercent: number }
}

function printCoverage({ files, totals }: Coverage, root: string): void {
  for (const { path, coveredLinePercent } of files) {
    console.log(`${coveredLinePercent.toFixed(1).padStart(6)} %  ${relative(root, path)}`)
  }
  const { coveredLinePercent, coveredBranchPercent } = totals
  console.log(`${coveredLinePercent.toFixed(1)} % of lines, ${coveredBranchPercent.toFixed(1)} % of branches`)
}
