/**
 * `node bench/approvals/run.ts [--sizes 100000,1000000] [--clone PATH]... [--rounds 3]`: seconds and memory from a history
 * to a page, beside the `git log` that prints the same data; the size of the page; a step of its sliders in Chromium.
 */
import { mkdir, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { run, type Run } from '../usage.ts'
import { generateHistory } from './generated-history.ts'
import { measureSlider } from './slider-steps.ts'

const { values } = parseArgs({
  options: {
    sizes: { type: 'string', default: '100000,1000000' },
    clone: { type: 'string', multiple: true, default: [] },
    rounds: { type: 'string', default: '3' },
  },
})
const rounds = Number(values.rounds)
const program = resolve(import.meta.dirname, '../../bin/slipway.js')
const folder = join(tmpdir(), 'slipway-bench-approvals')
await mkdir(folder, { recursive: true })

/** What we read, printed by git and thrown away. */
const plainLog = ['log', '-z', '--no-color', '--format=%H%n%ct%n%at%n%aN%n%aE%n%B', 'HEAD', '--']

const histories: { name: string; path: string }[] = []
for (const size of values.sizes
  .split(',')
  .filter((text) => text !== '')
  .map(Number)) {
  const path = join(folder, `generated-${size}.git`)
  await generateHistory(path, size)
  histories.push({ name: `${size} approvals, generated`, path })
}
for (const path of values.clone)
  histories.push({ name: basename(resolve(path, '..')) + '/' + basename(path), path })

const best = async (work: () => Promise<Run>): Promise<Run> => {
  const samples: Run[] = []
  for (let round = 0; round < rounds; round++) samples.push(await work())
  return samples.toSorted((a, b) => a.seconds - b.seconds)[Math.floor(samples.length / 2)]!
}
/** Wall time, and processor time of all processes: on a machine that does other things too the latter tells more. */
const told = ({ seconds, cpuSeconds = 0 }: Run) => `${seconds.toFixed(2)} s (${cpuSeconds.toFixed(2)})`
const megabytes = (bytes: number | undefined) => (bytes === undefined ? '-' : `${Math.round(bytes / 1e6)} MB`)

console.log(
  '| history | git log | approvals git | times | to events | graph | memory of git, graph | pipe to page | page | load | slider step |',
)
console.log('|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|')
for (const { name, path } of histories) {
  const events = join(folder, 'events.ndjson')
  const page = join(folder, 'page.html')
  const sink = (command: string, args: readonly string[]) =>
    run('bash', ['-c', '"$@" > /dev/null', 'bash', command, ...args])
  // One after the other in a round, so that a slow minute of the machine hits both.
  await sink('git', ['-C', path, ...plainLog])
  const logs: Run[] = []
  const reads: Run[] = []
  for (let round = 0; round < rounds; round++) {
    logs.push(await sink('git', ['-C', path, ...plainLog]))
    reads.push(await sink(process.execPath, [program, 'approvals', 'git', path]))
  }
  const median = (samples: Run[]) =>
    samples.toSorted((a, b) => a.seconds - b.seconds)[Math.floor(samples.length / 2)]!
  const [log, read] = [median(logs), median(reads)]
  const written = await best(() => run(process.execPath, [program, 'approvals', 'git', path, '-o', events]))
  const graph = await best(() => run(process.execPath, [program, 'approvals', 'graph', events, '-o', page]))
  const pipe = await best(() =>
    run('bash', [
      '-c',
      '"$1" "$2" approvals git "$3" | "$1" "$2" approvals graph - -o "$4"',
      'bash',
      process.execPath,
      program,
      path,
      page,
    ]),
  )
  const slider = await measureSlider(page)
  const cells = [
    name,
    told(log),
    told(read),
    (read.seconds / log.seconds).toFixed(2),
    megabytes((await stat(events)).size),
    told(graph),
    `${megabytes(written.peakMemory)}, ${megabytes(graph.peakMemory)}`,
    told(pipe),
    `${Math.round((await stat(page)).size / 1000)} kB`,
    slider ? `${Math.round(slider.load)} ms` : 'no Chromium',
    slider
      ? `${Math.round(slider.steps.toSorted((a, b) => a - b)[Math.floor(slider.steps.length / 2)]!)} ms, at most ${Math.round(Math.max(...slider.steps))} ms`
      : '-',
  ]
  console.log(`| ${cells.join(' | ')} |`)
}
