/** Wall time, processor time and memory of programs and of the daemons that work for them. Linux only. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { all } from '../src/base/index.ts'
import { hasProgram, programEnvironment } from '../test/support/program.ts'
import type { Sample } from './sample.ts'

export interface RunOptions {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
}

export interface Run extends Sample {
  readonly stdout: string
  /** without what the measuring added */
  readonly stderr: string
}

/** Runs a program to its end; fails with its output unless it exits with 0. */
export async function run(
  command: string,
  args: readonly string[],
  { cwd, env = {} }: RunOptions = {},
): Promise<Run> {
  // bash's own `time` gives the processor time of a child, which Node.js does not; GNU time its memory.
  const script = 'TIMEFORMAT="%R %U %S"; time "$@"'
  const memory = hasProgram('time') ? ['env', 'time', '-q', '-f', '%M'] : []
  const child = spawn('bash', ['-c', script, 'bash', ...memory, command, ...args], {
    cwd,
    env: { ...programEnvironment, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [stdout, text] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (part: string) => (stdout += part))
  child.stderr.setEncoding('utf8').on('data', (part: string) => (text += part))
  const [code] = (await once(child, 'close')) as [number | null]
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} failed with ${code}:\n${stdout}${text}`)
  const lines = text.trimEnd().split('\n')
  const [wall = 0, user = 0, system = 0] = lines.pop()!.split(' ').map(Number)
  const kilobytes = memory.length > 0 ? Number(lines.pop()) : undefined
  return {
    seconds: wall,
    cpuSeconds: user + system,
    ...(kilobytes !== undefined && { peakMemory: kilobytes * 1024 }),
    stdout,
    stderr: lines.join('\n'),
  }
}

/** Measures work made of several programs and of daemons that stay; `run` counts what it starts. */
export async function measure(
  work: (start: typeof run) => Promise<unknown>,
  daemons: readonly number[] = [],
): Promise<Sample> {
  let [cpuSeconds, peakMemory] = [0, 0]
  await all(daemons, forgetPeak)
  const before = await cpuOf(daemons)
  const started = performance.now()
  await work(async (...args) => {
    const result = await run(...args)
    cpuSeconds += result.cpuSeconds ?? 0
    peakMemory = Math.max(peakMemory, result.peakMemory ?? 0)
    return result
  })
  const seconds = (performance.now() - started) / 1000
  cpuSeconds += (await cpuOf(daemons)) - before
  peakMemory = Math.max(peakMemory, ...(await all(daemons, peakOf)))
  return { seconds, cpuSeconds, peakMemory }
}

/** Seconds of processor time of processes and all below them so far. */
async function cpuOf(roots: readonly number[]): Promise<number> {
  if (roots.length === 0) return 0
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const texts = await all(pids, (pid) => readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ''))
  const stats = texts.filter((text) => text !== '').map(parseStat)
  const family = new Set(roots)
  for (let size = 0; size < family.size;) {
    size = family.size
    for (const { pid, parent } of stats) if (family.has(parent)) family.add(pid)
  }
  return stats.filter(({ pid }) => family.has(pid)).reduce((sum, { ticks }) => sum + ticks, 0) / 100
}

/** proc(5): the name may hold spaces, so fields are counted from behind its bracket; ticks are 1/100 s. */
function parseStat(text: string): { pid: number; parent: number; ticks: number } {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  // utime, stime, and those of children that have ended
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0)
  return { pid: Number.parseInt(text, 10), parent: Number(fields[1]), ticks }
}

async function forgetPeak(pid: number): Promise<void> {
  await writeFile(`/proc/${pid}/clear_refs`, '5').catch(() => undefined)
}

async function peakOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024
}
