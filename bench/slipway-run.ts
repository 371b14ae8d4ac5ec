/** One run of the bundled command line as a user starts it, with its own counts and what the kernel says of it. */
import { join, resolve } from 'node:path'
import type { BuildEvent } from '../src/build/index.ts'
import type { Sample } from './sample.ts'
import { run } from './usage.ts'

const program = join(resolve(import.meta.dirname, '..'), 'bin/slipway.js')

export interface SlipwayRunOptions {
  readonly cwd: string
  /** cache folder; empty for a cold run */
  readonly cache: string
  readonly env?: Readonly<Record<string, string>>
}

export async function runSlipway(args: readonly string[], options: SlipwayRunOptions): Promise<Sample> {
  const { cwd, cache, env = {} } = options
  const all = [program, ...args, '--progress', 'json']
  const { seconds, cpuSeconds, stderr } = await run(process.execPath, all, {
    cwd,
    env: { SLIPWAY_CACHE_DIR: cache, ...env },
  })
  const events = stderr
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as BuildEvent)
  const finished = events.find((event) => event.kind === 'finished')
  if (!finished) throw new Error('the run told no end')
  return { seconds, cpuSeconds: cpuSeconds ?? 0, counts: finished.tally, peakMemory: finished.peakMemory }
}
