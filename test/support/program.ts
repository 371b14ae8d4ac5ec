/** Real programs in tests and benchmarks: run to their end, or started and stopped by process id. */
import { execFile, spawn } from 'node:child_process'
import { accessSync, constants, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Waiting } from '../../src/base/index.ts'

/** Debian keeps servers in folders that are not on everyone's PATH. */
const folders = [
  ...new Set([...(process.env['PATH'] ?? '').split(':'), '/usr/local/sbin', '/usr/sbin', '/sbin']),
].filter((folder) => folder !== '')

/** The environment programs are run with: ours, the folders of servers added to PATH. */
export const programEnvironment: Readonly<NodeJS.ProcessEnv> = { ...process.env, PATH: folders.join(':') }

/** Whether a program of this name can be run. */
export function hasProgram(name: string): boolean {
  return findProgram(name) !== undefined
}

/** The path of a program that can be run. */
export function findProgram(name: string): string | undefined {
  const found = folders.find((folder) => {
    try {
      accessSync(join(folder, name), constants.X_OK)
      return statSync(join(folder, name)).isFile()
    } catch {
      return false
    }
  })
  return found && join(found, name)
}

export interface ProgramOptions extends Waiting {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  /** default: 300,000 */
  readonly timeoutMs?: number
}

export interface ProgramOutput {
  readonly stdout: string
  readonly stderr: string
}

/** Runs a program to its end. Fails with its command line and output when it does not exit with 0. */
export async function runProgram(
  command: string,
  args: readonly string[],
  options: ProgramOptions = {},
): Promise<ProgramOutput> {
  const { cwd, env = {}, signal, timeoutMs = 300_000 } = options
  return new Promise((resolve, reject) => {
    execFile(
      command,
      args,
      { cwd, signal, timeout: timeoutMs, env: { ...programEnvironment, ...env }, maxBuffer: 64 << 20 },
      (error, stdout, stderr) => {
        if (!error) return resolve({ stdout, stderr })
        const reason = error.killed ? `was stopped after ${timeoutMs} ms` : `failed (${error.code})`
        reject(new Error(`${command} ${args.join(' ')} ${reason}\n${stderr}${stdout}`, { cause: error }))
      },
    )
  })
}

export interface RunningProgram extends AsyncDisposable {
  readonly pid: number
  /** everything it has written so far, both streams */
  readonly output: () => string
  /** resolves with the exit status, or the name of the signal that ended it */
  readonly ended: Promise<number | string>
  /** SIGTERM, SIGKILL after ten seconds; resolves with how it ended. Does nothing the second time. */
  readonly stop: () => Promise<number | string>
}

export interface StartOptions extends ProgramOptions {
  /** asked every 20 ms until it says yes */
  readonly isReady: () => Promise<boolean>
  /** how long it may take to be ready; default: 30,000 */
  readonly timeoutMs?: number
}

/** Starts a server and waits until it is ready. Fails with its output when it ends or is not ready in time. */
export async function startProgram(
  command: string,
  args: readonly string[],
  options: StartOptions,
): Promise<RunningProgram> {
  const { cwd, env = {}, signal, timeoutMs = 30_000, isReady } = options
  const child = spawn(command, args, {
    cwd,
    env: { ...programEnvironment, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  const keep = (bytes: Buffer) => (output += bytes.toString())
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  let how: number | string | undefined
  const ended = new Promise<number | string>((resolve) => {
    child.once('error', (error) => resolve((how = error.message)))
    child.once('exit', (code, name) => resolve((how = code ?? name ?? 'unknown')))
  })
  const stop = async () => {
    if (how === undefined) child.kill('SIGTERM')
    const timer = setTimeout(() => child.kill('SIGKILL'), 10_000)
    const result = await ended
    clearTimeout(timer)
    return result
  }
  const deadline = Date.now() + timeoutMs
  while (!(await isReady().catch(() => false))) {
    const reason =
      how === undefined ? (Date.now() > deadline ? 'is not ready in time' : '') : `ended (${how})`
    if (reason === '' && !signal?.aborted) {
      await sleep(20)
      continue
    }
    await stop()
    signal?.throwIfAborted()
    throw new Error(`${command} ${args.join(' ')} ${reason}\n${output}`)
  }
  const pid = child.pid
  if (pid === undefined || how !== undefined) throw new Error(`${command} ended (${how})\n${output}`)
  return {
    pid,
    output: () => output,
    ended,
    stop,
    [Symbol.asyncDispose]: async () => {
      await stop()
    },
  }
}

/** Whether something listens on a TCP port of this machine and answers HTTP, with any status. */
export async function answersHttp(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(1000) })
    await response.body?.cancel()
    return true
  } catch {
    return false
  }
}
