/**
 * `npm run bench [-- --only CASE,...] [--peers NAME,...|none] [--rounds N] [--quick]`: how long builds take, beside
 * other builders and beside what no builder can go below. See bench/README.md.
 *
 * Prints every sample as it comes and tables at the end; writes bench/results/bench.json and README-table.md, or with
 * `--quick` quick.json and quick.md, which nobody should quote.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { arch, cpus, totalmem } from 'node:os'
import { join, resolve } from 'node:path'
import { barsOf } from './bars.ts'
import type { Bench } from './bench.ts'
import { codecsCase } from './cases/codecs.ts'
import { demoCase } from './cases/demo.ts'
import { destinationsCase } from './cases/destinations.ts'
import { hubsCase } from './cases/hubs.ts'
import { koCase } from './cases/ko.ts'
import { thousandCase } from './cases/thousand.ts'
import { readOptions, type CaseName } from './options.ts'
import { describe, formatReport } from './report.ts'
import { newResults } from './sample.ts'
import { makeWorkload, type Workload } from './workload.ts'

const cases: Readonly<Record<CaseName, (bench: Bench) => Promise<void>>> = {
  demo: demoCase,
  hubs: hubsCase,
  codecs: codecsCase,
  destinations: destinationsCase,
  thousand: thousandCase,
  ko: koCase,
}

const options = readOptions(process.argv.slice(2))
const machine = `${cpus().length} x ${cpus()[0]?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${arch()}, Node.js ${process.version}`
const leftOut = new Set<string>()
const results = newResults((name, subject, sample) =>
  console.log(
    `${`${subject}: ${name}`.padEnd(88)} ${sample.seconds.toFixed(3).padStart(9)} s  ${describe(sample)}`,
  ),
)

await using stack = new AsyncDisposableStack()
let copied: Promise<Workload> | undefined
const bench: Bench = {
  options,
  results,
  workload: () => (copied ??= makeWorkload().then((workload) => stack.use(workload))),
  leaveOut(what, why) {
    leftOut.add(`${what} (${why})`)
    console.log(`${what} is left out: ${why}`)
  },
}

console.log(`${machine}\n`)
for (const name of options.cases) await cases[name](bench)

const bars = barsOf(results)
const text = formatReport({ machine, results, bars, leftOut: [...leftOut] })
console.log(`\n${text}`)
const folder = join(resolve(import.meta.dirname), 'results')
await mkdir(folder, { recursive: true })
const { rows } = results
const json = JSON.stringify({ machine, options, bars, leftOut: [...leftOut], rows }, undefined, 1)
await writeFile(join(folder, options.isQuick ? 'quick.json' : 'bench.json'), `${json}\n`)
await writeFile(join(folder, options.isQuick ? 'quick.md' : 'README-table.md'), text)
