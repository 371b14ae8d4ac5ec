/** The git program: short answers as text, long ones as a stream; its complaints as failures. */
import { execFile, spawn } from 'node:child_process'
import { Failure, systemCode, type Waiting } from '../../../base/index.ts'

export interface GitResult {
  readonly status: number
  readonly stdout: string
  readonly stderr: string
}

/** Nobody's language, colours or prompts; which repository is meant is never guessed from the environment. */
function gitEnvironment(): NodeJS.ProcessEnv {
  const { GIT_DIR: _dir, GIT_WORK_TREE: _tree, GIT_NAMESPACE: _namespace, ...env } = process.env
  return { ...env, LC_ALL: 'C', GIT_TERMINAL_PROMPT: '0', GIT_OPTIONAL_LOCKS: '0' }
}

/** Runs git to its end, whatever that is. @throws Failure APPROVALS_SOURCE when there is no git */
export async function git(
  repository: string,
  args: readonly string[],
  { signal }: Waiting = {},
): Promise<GitResult> {
  return new Promise((resolve, reject) => {
    execFile(
      'git',
      ['-C', repository, ...args],
      { env: gitEnvironment(), maxBuffer: 64 * 1024 * 1024, ...(signal && { signal }) },
      (error, stdout, stderr) => {
        if (signal?.aborted) return reject(signal.reason as Error)
        const code: unknown = error?.code
        if (error && typeof code !== 'number') return reject(missingGit(error))
        resolve({ status: error ? Number(code) : 0, stdout, stderr })
      },
    )
  })
}

function missingGit(error: unknown): unknown {
  if (systemCode(error) !== 'ENOENT') return error
  return new Failure('APPROVALS_SOURCE', 'cannot read the history: there is no git program', {
    hint: 'install git 2.30 or newer',
    cause: error,
  })
}

export interface GitStream {
  readonly stdout: AsyncIterable<Uint8Array>
  readonly write: (text: string) => void
  /** ends its input and waits for its end */
  readonly end: () => Promise<void>
  /** ends it at once; nothing of it is waited for */
  readonly stop: () => void
}

export interface GitStreamOptions extends Waiting {
  /** what it writes comes when its buffer is full, not record by record */
  readonly isBuffered?: boolean | undefined
}

/** Starts git; leaving the loop over its output early ends it. */
export function startGit(
  repository: string,
  args: readonly string[],
  { signal, isBuffered = false }: GitStreamOptions = {},
): GitStream {
  const child = spawn('git', ['-C', repository, ...args], {
    env: { ...gitEnvironment(), GIT_FLUSH: isBuffered ? '0' : '1' },
    stdio: ['pipe', 'pipe', 'pipe'],
    ...(signal && { signal }),
  })
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    if (stderr.length < 10_000) stderr += text
  })
  // A git that has ended says why by its status; that its input is closed then is no news.
  child.stdin.on('error', () => undefined)
  const ended = new Promise<void>((resolve, reject) => {
    child.once('error', (error) => reject(signal?.aborted ? (signal.reason as Error) : missingGit(error)))
    child.once('close', (status, name) => {
      if (status === 0) resolve()
      else
        reject(
          gitFailure(
            `git ${args.find((arg) => /^[a-z]/.test(arg) && !arg.includes('=')) ?? ''}`,
            stderr,
            name,
          ),
        )
    })
  })
  ended.catch(() => undefined)
  return {
    stdout: (async function* () {
      let isDone = false
      try {
        yield* child.stdout as AsyncIterable<Uint8Array>
        isDone = true
      } finally {
        if (!isDone) child.kill()
      }
      await ended
    })(),
    stop: () => void child.kill(),
    write: (text) => void child.stdin.write(text),
    async end() {
      child.stdin.end()
      await ended
    },
  }
}

/** What git says, without its prefix, as one sentence. */
export function gitFailure(action: string, stderr: string, signal?: string | null): Failure {
  const said = stderr
    .split('\n')
    .map((line) => line.replace(/^(?:fatal|error|warning): /, '').trim())
    .filter((line) => line !== '')
    .join('; ')
  const why = said !== '' ? said : signal ? `it was ended by ${signal}` : 'it does not say why'
  return new Failure('APPROVALS_SOURCE', `${action} failed: ${why}`)
}
