/** Load by `wrk`, and what it and the proxy took. Linux only. */
import { readdir, readFile } from 'node:fs/promises'
import { runProgram } from '../../test/support/program.ts'

export interface Load {
  readonly requests: number
  readonly perSecond: number
  /** milliseconds */
  readonly p50: number
  readonly p99: number
  /** answers that are not 2xx or 3xx, and connections that broke */
  readonly errors: number
}

export interface LoadOptions {
  readonly url: string
  readonly seconds: number
  readonly connections: number
  /** number of the core it runs on */
  readonly core: number
}

export async function load({ url, seconds, connections, core }: LoadOptions): Promise<Load> {
  const args = ['-t1', `-c${connections}`, `-d${seconds}s`, '--latency', url]
  const { stdout } = await runProgram('taskset', ['-c', String(core), 'wrk', ...args])
  const find = (pattern: RegExp) => pattern.exec(stdout)
  const requests = Number(find(/(\d+) requests in/)?.[1] ?? 0)
  const broken = find(/Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/)?.slice(1) ?? []
  const others = Number(find(/Non-2xx or 3xx responses: (\d+)/)?.[1] ?? 0)
  return {
    requests,
    perSecond: Number(find(/Requests\/sec:\s+([\d.]+)/)?.[1] ?? 0),
    p50: milliseconds(find(/50%\s+([\d.]+)(us|ms|s)/)),
    p99: milliseconds(find(/99%\s+([\d.]+)(us|ms|s)/)),
    errors: others + broken.reduce((sum, count) => sum + Number(count), 0),
  }
}

function milliseconds(match: RegExpExecArray | null): number {
  const factor = { us: 0.001, ms: 1, s: 1000 }[match?.[2] ?? 'ms'] ?? 1
  return Number(match?.[1] ?? Number.NaN) * factor
}

/** Seconds of processor time that a process and its children have taken. */
export async function cpuSeconds(root: number): Promise<number> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const stats = await Promise.all(
    pids.map(async (pid) => readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')),
  )
  let ticks = 0
  for (const text of stats) {
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    const isOurs = Number.parseInt(text, 10) === root || Number(fields[1]) === root
    if (isOurs) ticks += Number(fields[11]) + Number(fields[12])
  }
  return ticks / 100
}
