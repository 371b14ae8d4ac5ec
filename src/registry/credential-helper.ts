/** Programs named `docker-credential-*`: the server's name goes in, JSON comes out (docker-credential-helpers protocol). */
import { spawn } from 'node:child_process'
import { Failure, systemCode, type Waiting } from '../base/index.ts'
import type { Credentials } from './credentials.ts'

export interface HelperOptions extends Waiting {
  /** host as references write it, for messages */
  readonly host: string
  /** the name the helper knows the registry by */
  readonly server: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly timeoutMs: number
}

interface Finished {
  readonly status: number | null
  readonly output: string
}

const longestOutput = 1 << 20

/**
 * Runs `docker-credential-<name> get`; nothing when the helper knows no credentials for the server.
 * @throws Failure REGISTRY_UNAUTHORIZED when it is missing, fails, is too slow, or answers with something else
 */
export async function askCredentialHelper(
  name: string,
  options: HelperOptions,
): Promise<Credentials | undefined> {
  // The name comes from a file: it must not become a path.
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name))
    throw failed(name, options, 'the name is not one of a helper')
  const { status, output } = await run(name, options)
  if (status !== 0) {
    if (/credentials not found/i.test(output)) return undefined
    throw failed(name, options, `it failed${firstLine(output)}`)
  }
  return parseOutput(name, output, options)
}

async function run(name: string, options: HelperOptions): Promise<Finished> {
  const program = `docker-credential-${name}`
  const { server, env, timeoutMs, signal } = options
  signal?.throwIfAborted()
  return new Promise((resolve, reject) => {
    const child = spawn(program, ['get'], { env: { ...env }, stdio: ['pipe', 'pipe', 'ignore'] })
    let output = ''
    const end = (error: unknown) => {
      // Closed by us: a child of the helper could hold them open for ever.
      child.stdout.destroy()
      child.kill('SIGKILL')
      reject(error as Error)
    }
    const timer = setTimeout(
      () => end(failed(name, options, `it gave no answer within ${timeoutMs / 1000} s`)),
      timeoutMs,
    )
    const abort = () => end(signal?.reason)
    signal?.addEventListener('abort', abort, { once: true })
    const settle = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', abort)
    }
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text
      if (output.length > longestOutput) end(failed(name, options, 'its answer is too long'))
    })
    child.once('error', (error) => {
      settle()
      const why = systemCode(error) === 'ENOENT' ? 'it is not installed' : error.message
      reject(failed(name, options, why))
    })
    child.once('close', (status) => {
      settle()
      resolve({ status, output })
    })
    // A helper that does not read closes the pipe under us.
    child.stdin.on('error', () => {})
    child.stdin.end(`${server}\n`)
  })
}

function parseOutput(name: string, output: string, options: HelperOptions): Credentials | undefined {
  let answer: { Username?: unknown; Secret?: unknown } | null
  try {
    answer = JSON.parse(output) as typeof answer
  } catch {
    throw failed(name, options, 'its answer is not JSON')
  }
  const { Username: username, Secret: secret } = answer ?? {}
  if (typeof username !== 'string' || typeof secret !== 'string') {
    throw failed(name, options, 'its answer has no Username and Secret')
  }
  if (username === '' && secret === '') return undefined
  return username === '<token>' ? { identityToken: secret } : { username, password: secret }
}

function failed(name: string, { host }: HelperOptions, why: string): Failure {
  return new Failure(
    'REGISTRY_UNAUTHORIZED',
    `cannot get credentials for ${host} from docker-credential-${name}: ${why}`,
    { hint: `run it by hand: echo ${host} | docker-credential-${name} get` },
  )
}

function firstLine(output: string): string {
  const line = output.trim().split('\n', 1)[0]!.slice(0, 200)
  return line === '' ? '' : `: ${line}`
}
