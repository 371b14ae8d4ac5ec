/**
 * A program of the host in a process group of its own: its output streams, and an abort ends everything it started.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { StringDecoder } from 'node:string_decoder'
import { systemCode, type Waiting } from '../base/index.ts'

export interface GroupOptions extends Waiting {
  readonly cwd?: string | undefined
  /** the whole environment; default: that of this process */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined
  /** it writes where this process does, and nothing of it is kept; default false */
  readonly writesThrough?: boolean | undefined
  /** gets what the program writes on stdout and stderr, as it comes */
  readonly onOutput?: ((text: string) => void) | undefined
  /** how long an aborted group may take to end before it is killed, in ms; default 5000 */
  readonly graceMs?: number | undefined
}

export interface GroupEnd {
  /** exit status; null when a signal ended it */
  readonly status: number | null
  readonly signal: NodeJS.Signals | null
  /** the end of what it wrote on both streams, at most 64 Ki UTF-16 units */
  readonly output: string
}

/** How much of the output is kept, in UTF-16 units. */
const outputLimit = 64 * 1024
/** How long output may still come from processes the program left behind, in ms. */
const drainMs = 500

/**
 * Runs a program to its end, whatever its status.
 * An abort ends the whole group: SIGTERM, SIGKILL after `graceMs`; then the signal's reason is thrown.
 * @throws the system error when it cannot be started, such as ENOENT
 */
export async function runGroup(argv: readonly string[], options: GroupOptions = {}): Promise<GroupEnd> {
  const { signal, onOutput, cwd, env = process.env, graceMs = 5000, writesThrough = false } = options
  const output = writesThrough ? 'inherit' : 'pipe'
  signal?.throwIfAborted()
  const [program = '', ...args] = argv
  const child = spawn(program, args, { cwd, env, stdio: ['ignore', output, output], detached: true })
  const tail = collectOutput(child, onOutput)
  const stopping: Promise<void>[] = []
  const stop = () => stopping.push(endGroup(child, graceMs))
  signal?.addEventListener('abort', stop)
  try {
    const end = await ended(child)
    signal?.throwIfAborted()
    return { ...end, output: tail() }
  } finally {
    signal?.removeEventListener('abort', stop)
    await Promise.all(stopping)
  }
}

function ended(child: ChildProcess): Promise<Omit<GroupEnd, 'output'>> {
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', () => {
      // A process left in the background keeps the pipes open; it must not keep us.
      const timer = setTimeout(() => {
        child.stdout?.destroy()
        child.stderr?.destroy()
      }, drainMs)
      child.once('close', () => clearTimeout(timer))
    })
    child.once('close', (status, signal) => resolve({ status, signal }))
  })
}

/** Hands output on and keeps its end. */
function collectOutput(child: ChildProcess, onOutput: ((text: string) => void) | undefined): () => string {
  let kept = ''
  for (const stream of [child.stdout, child.stderr]) {
    const decoder = new StringDecoder('utf8')
    stream?.on('data', (chunk: Buffer) => {
      const text = decoder.write(chunk)
      kept = (kept + text).slice(-outputLimit)
      onOutput?.(text)
    })
  }
  return () => kept
}

/** Asks all processes of the group to end, and kills those that have not after the grace. */
async function endGroup(child: ChildProcess, graceMs: number): Promise<void> {
  const { pid } = child
  if (pid === undefined) return
  const deadline = performance.now() + graceMs
  if (!signalGroup(pid, 'SIGTERM')) return
  while (performance.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 20))
    if (!signalGroup(pid, 0)) return
  }
  signalGroup(pid, 'SIGKILL')
}

/** Whether there was a process to signal. */
function signalGroup(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-pid, signal)
  } catch (error) {
    if (systemCode(error) === 'ESRCH') return false
    throw error
  }
}
