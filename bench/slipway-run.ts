/** One run of the bundled command line as a user starts it, with its own counts and what the kernel says of it. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Tally } from '../src/base/index.ts'
import type { BuildEvent } from '../src/build/index.ts'

export interface SlipwayRun {
  /** wall, process start to exit */
  readonly seconds: number
  /** user and system */
  readonly cpuSeconds: number
  readonly counts: Tally
  /** bytes */
  readonly peakMemory: number
}

export interface SlipwayRunOptions {
  /** cache folder; empty for a cold run */
  readonly cache: string
  readonly args: readonly string[]
}

/** Bakes the demo plan. */
export async function runSlipway(root: string, { cache, args }: SlipwayRunOptions): Promise<SlipwayRun> {
  const demo = ['bake', '-f', 'examples/demo/slipway.yaml', '--root', 'examples/demo', '--progress', 'json']
  // bash's own `time` gives the CPU time of a child, which Node.js does not.
  const script = 'TIMEFORMAT="%R %U %S"; time "$@"'
  const child = spawn(
    'bash',
    ['-c', script, 'bash', process.execPath, join(root, 'bin/slipway.js'), ...demo, ...args],
    {
      cwd: root,
      env: { ...process.env, SLIPWAY_CACHE_DIR: cache },
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  )
  let text = ''
  child.stderr.setEncoding('utf8').on('data', (part: string) => (text += part))
  const [code] = (await once(child, 'close')) as [number]
  if (code !== 0) throw new Error(`slipway failed with ${code}:\n${text}`)
  const lines = text.trimEnd().split('\n')
  const [wall = 0, user = 0, system = 0] = lines.at(-1)!.split(' ').map(Number)
  const events = lines
    .slice(0, -1)
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as BuildEvent)
  const finished = events.find((event) => event.kind === 'finished')
  if (!finished) throw new Error('the run told no end')
  return { seconds: wall, cpuSeconds: user + system, counts: finished.tally, peakMemory: finished.peakMemory }
}

/** The run with the median wall time. */
export function median(runs: readonly SlipwayRun[]): SlipwayRun {
  return runs.toSorted((a, b) => a.seconds - b.seconds)[Math.floor(runs.length / 2)]!
}
