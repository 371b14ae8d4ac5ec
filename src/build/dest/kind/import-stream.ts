/**
 * One run of `ctr images import -`. It puts blobs into the content store as they come, all under a lease of its own,
 * and names images only when it has read the index and the end: an archive that breaks off leaves nothing.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import type { Tally, Waiting } from '../../../base/index.ts'
import { commandFailure } from './command.ts'

export interface ImportStream {
  /** Takes bytes after those of the call before. @throws Failure with what ctr wrote when it has ended */
  write(chunks: AsyncIterable<Uint8Array>): Promise<void>
  /** The archive is complete: waits until its images have their names. @throws Failure with what ctr wrote */
  finish(): Promise<void>
  /** Breaks the archive off, and waits until ctr is gone. */
  abandon(): Promise<void>
}

export interface ImportOptions extends Waiting {
  /** completes "cannot ..." */
  readonly action: string
  /** the whole environment; its PATH finds the program */
  readonly env: Readonly<NodeJS.ProcessEnv>
  readonly tally: Tally
}

/** How long a program may take to notice the end of its input, in ms. */
const graceMs = 5000
/** How much of what it writes is kept, in UTF-16 units. */
const outputLimit = 16_384

export function startImport(
  argv: readonly string[],
  { action, env, tally, signal }: ImportOptions,
): ImportStream {
  const [program = '', ...args] = argv
  const child = spawn(program, args, { env, stdio: ['pipe', 'pipe', 'pipe'], detached: true })
  const { stdin } = child
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output = (output + text).slice(-outputLimit)))
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  ended.catch(() => undefined)
  // A write that fails says so to its own caller.
  stdin.on('error', () => undefined)
  const breakOff = () => stdin.destroy()
  signal?.addEventListener('abort', breakOff)
  const failed = async (cause: unknown): Promise<Error> => {
    signal?.throwIfAborted()
    // It knows better why it does not read any more.
    await ended
    return commandFailure(action, output, cause)
  }
  return {
    async write(chunks) {
      for await (const chunk of chunks) {
        const error = await new Promise<Error | null | undefined>((resolve) => stdin.write(chunk, resolve))
        if (error) throw await failed(error)
        tally.bytesSent += chunk.length
      }
    },
    async finish() {
      stdin.end()
      const status = await ended
      signal?.removeEventListener('abort', breakOff)
      if (status !== 0) throw await failed(undefined)
    },
    async abandon() {
      signal?.removeEventListener('abort', breakOff)
      stdin.destroy()
      await stop(child, ended)
    },
  }
}

async function stop(child: ChildProcess, ended: Promise<unknown>): Promise<void> {
  const timers = (['SIGTERM', 'SIGKILL'] as const).map((name, index) =>
    setTimeout(() => child.kill(name), graceMs * (index + 1)),
  )
  await ended.catch(() => undefined)
  for (const timer of timers) clearTimeout(timer)
}
