/** Running the commands of a plan that make artifacts, such as `make` or `go build`. */
import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { relative } from 'node:path'
import { StringDecoder } from 'node:string_decoder'
import { Failure, systemCode, type Waiting } from '../base/index.ts'
import { formatPlatform } from '../oci/index.ts'
import type { ArtifactCommand } from './plan/model.ts'

export interface RunOptions extends Waiting {
  /** gets what the command writes on stdout and stderr, as it comes */
  readonly onOutput?: ((text: string) => void) | undefined
  /** environment of the command, under the command's own; default: that of this process */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined
  /** how long an aborted command may take to end before it is killed, in ms; default 5000 */
  readonly graceMs?: number | undefined
}

/** How much of the output a failure shows, in UTF-16 units. */
const outputLimit = 64 * 1024
/** How long output may still come from processes the command left behind, in ms. */
const drainMs = 500

/**
 * Runs the command in its own process group and returns when it has ended with status 0 and left its outputs.
 * An abort ends the whole group: SIGTERM, SIGKILL after `graceMs`; then the signal's reason is thrown.
 * @throws Failure ARTIFACT_COMMAND (with `output`) | ARTIFACT_NOT_FOUND
 */
export async function runArtifactCommand(command: ArtifactCommand, options: RunOptions = {}): Promise<void> {
  const { signal, onOutput, env = process.env, graceMs = 5000 } = options
  signal?.throwIfAborted()
  const [program = '', ...args] = command.argv
  const child = spawn(program, args, {
    cwd: command.cwd,
    env: { ...env, ...command.env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  const tail = collectOutput(child, onOutput)
  const stopping: Promise<void>[] = []
  const stop = () => stopping.push(endGroup(child, graceMs))
  signal?.addEventListener('abort', stop)
  let end: { status: number | null; signal: NodeJS.Signals | null }
  try {
    end = await ended(child)
  } catch (error) {
    throw cannotStart(command, program, error)
  } finally {
    signal?.removeEventListener('abort', stop)
    await Promise.all(stopping)
  }
  signal?.throwIfAborted()
  if (end.status !== 0) throw failed(command, end, tail())
  checkOutputs(command, tail())
}

function ended(child: ChildProcess): Promise<{ status: number | null; signal: NodeJS.Signals | null }> {
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

function described({ label, platform }: ArtifactCommand): string {
  return platform ? `"${label}" for ${formatPlatform(platform)}` : `"${label}"`
}

function cannotStart(command: ArtifactCommand, program: string, error: unknown): unknown {
  const code = systemCode(error)
  if (code === undefined) return error
  const why = code === 'ENOENT' ? `${program} is not installed` : `${program} cannot be started (${code})`
  return new Failure('ARTIFACT_COMMAND', `artifact command ${described(command)} failed: ${why}`, {
    hint:
      code === 'ENOENT'
        ? `install ${program}, or skip artifact commands: slipway bake --skip-artifacts`
        : undefined,
    cause: error,
  })
}

function failed(
  command: ArtifactCommand,
  end: { readonly status: number | null; readonly signal: NodeJS.Signals | null },
  output: string,
): Failure {
  const how = end.signal === null ? `exit status ${end.status}` : `ended by ${end.signal}`
  return new Failure('ARTIFACT_COMMAND', `artifact command ${described(command)} failed: ${how}`, { output })
}

function checkOutputs(command: ArtifactCommand, output: string): void {
  const missing = command.outputs.filter((path) => !existsSync(path))
  if (missing.length === 0) return
  const names = missing.map((path) => relative(command.cwd, path)).join(', ')
  throw new Failure(
    'ARTIFACT_NOT_FOUND',
    `artifact command ${described(command)} succeeded but did not leave ${names}`,
    { output, hint: 'correct the outputs in the plan, or what the command writes' },
  )
}
