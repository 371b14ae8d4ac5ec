/** Programs that answer with a text, and what it means when they fail. */
import { execFile } from 'node:child_process'
import { Failure, systemCode, type Waiting } from '../../../base/index.ts'

export interface CommandOptions extends Waiting {
  /** completes "cannot ..." */
  readonly action: string
  /** the whole environment; its PATH finds the program */
  readonly env: Readonly<NodeJS.ProcessEnv>
}

/**
 * Runs a program to its end and returns its standard output.
 * @throws Failure STORE_UNREACHABLE | STORE_REFUSED | NO_SPACE with what it wrote
 * @throws the system error when it cannot be started, such as ENOENT
 */
export function runCommand(
  argv: readonly string[],
  { action, env, signal }: CommandOptions,
): Promise<string> {
  const [program = '', ...args] = argv
  return new Promise((resolve, reject) => {
    execFile(program, args, { env, signal, maxBuffer: 256 << 20 }, (error, stdout, stderr) => {
      if (!error) return resolve(stdout)
      if (signal?.aborted) return reject(signal.reason as Error)
      reject(systemCode(error) === 'ENOENT' ? error : commandFailure(action, stderr || stdout, error))
    })
  })
}

/** What a program of a node, or the one that reached it, wrote before it failed. */
export function commandFailure(action: string, output: string, cause?: unknown): Failure {
  if (/no space left|disk quota exceeded/i.test(output)) {
    return new Failure('NO_SPACE', `cannot ${action}: its disk is full`, {
      cause,
      output,
      hint: 'remove images it does not need and run the same command again',
    })
  }
  if (
    /is not running|no such container|container state improper|cannot connect|connection refused/i.test(
      output,
    )
  ) {
    return new Failure('STORE_UNREACHABLE', `cannot ${action}: it is not there or does not run`, {
      cause,
      output,
      hint: 'start it, and run the same command again; no name was moved to an image that is not whole',
    })
  }
  return new Failure('STORE_REFUSED', `cannot ${action}`, { cause, output })
}
