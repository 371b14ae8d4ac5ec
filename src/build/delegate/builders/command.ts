/** Commands of builders: probes with a time limit, and runs that must succeed. */
import { Failure, systemCode, type Waiting } from '../../../base/index.ts'
import { runGroup } from '../../process-group.ts'

type Environment = Readonly<Record<string, string | undefined>>

export interface CommandOptions extends Waiting {
  readonly env: Environment
  readonly onOutput?: (text: string) => void
  readonly cwd?: string
}

/** How long a builder may take to say that it is there, in ms. */
const probeMs = 10_000
/** How much of the output a failure shows, in lines. */
const shownLines = 40

export type Probe = { readonly output: string } | { readonly missing: string }

/** What a command says about a builder, or why the builder cannot be used. */
export async function probe(
  argv: readonly string[],
  { env, signal }: { readonly env: Environment } & Waiting,
): Promise<Probe> {
  const timeout = AbortSignal.timeout(probeMs)
  try {
    const { status, output } = await runGroup(argv, {
      env,
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
      graceMs: 500,
    })
    if (status === 0) return { output }
    return { missing: `does not answer: ${lastLine(output)}` }
  } catch (error) {
    signal?.throwIfAborted()
    if (timeout.aborted) return { missing: `does not answer within ${probeMs / 1000} s` }
    if (systemCode(error) === 'ENOENT') return { missing: 'is not installed' }
    if (systemCode(error) !== undefined) return { missing: `cannot be started (${systemCode(error)})` }
    throw error
  }
}

/** Runs a command of a builder and returns all it wrote. @throws Failure BUILDER_FAILED */
export async function runBuilder(argv: readonly string[], options: CommandOptions): Promise<string> {
  const end = await runGroup(argv, options).catch((error: unknown) => {
    if (options.signal?.aborted || systemCode(error) === undefined) throw error
    throw new Failure('BUILDER_FAILED', `${argv[0]} cannot be started: ${systemCode(error)}`, {
      cause: error,
    })
  })
  if (end.status === 0) return end.output
  const how = end.signal === null ? `exit status ${end.status}` : `ended by ${end.signal}`
  const lines = end.output.trimEnd().split('\n')
  throw new Failure('BUILDER_FAILED', `${argv.slice(0, 2).join(' ')} failed: ${how}`, {
    output: lines.slice(-shownLines).join('\n'),
  })
}

/** `name=value` pairs as repeated flags. */
export function flags(name: string, pairs: Iterable<readonly [string, string]>): string[] {
  return Array.from(pairs, ([key, value]) => [name, `${key}=${value}`]).flat()
}

function lastLine(output: string): string {
  return output.trim().split('\n').at(-1)?.slice(0, 300) || 'it says nothing'
}
