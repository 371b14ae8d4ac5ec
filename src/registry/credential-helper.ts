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

type HelperVerb = 'get' | 'store' | 'erase'

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
  const { status, output } = await run(name, 'get', `${options.server}\n`, options)
  if (status !== 0) {
    if (isUnknown(output)) return undefined
    throw failed(name, 'get', options, `it failed${firstLine(output)}`)
  }
  return parseOutput(name, output, options)
}

/** Runs `docker-credential-<name> store`. @throws Failure REGISTRY_UNAUTHORIZED, as above */
export async function storeInHelper(
  name: string,
  { username, password }: { readonly username: string; readonly password: string },
  options: HelperOptions,
): Promise<void> {
  const input = JSON.stringify({ ServerURL: options.server, Username: username, Secret: password })
  const { status, output } = await run(name, 'store', input, options)
  if (status !== 0) throw failed(name, 'store', options, `it failed${firstLine(output)}`)
}

/**
 * Runs `docker-credential-<name> get` and `erase`; false when the helper had nothing for the server.
 * @throws Failure REGISTRY_UNAUTHORIZED, as above
 */
export async function eraseInHelper(name: string, options: HelperOptions): Promise<boolean> {
  // Helpers differ in what they say of erasing what is not there.
  const known = await run(name, 'get', `${options.server}\n`, options)
  if (known.status !== 0 && isUnknown(known.output)) return false
  const { status, output } = await run(name, 'erase', `${options.server}\n`, options)
  if (status !== 0) throw failed(name, 'erase', options, `it failed${firstLine(output)}`)
  return true
}

function isUnknown(output: string): boolean {
  return /credentials not found/i.test(output)
}

async function run(name: string, verb: HelperVerb, input: string, options: HelperOptions): Promise<Finished> {
  // The name comes from a file: it must not become a path.
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name))
    throw failed(name, verb, options, 'the name is not one of a helper')
  const program = `docker-credential-${name}`
  const { env, timeoutMs, signal } = options
  signal?.throwIfAborted()
  return new Promise((resolve, reject) => {
    const child = spawn(program, [verb], { env: { ...env }, stdio: ['pipe', 'pipe', 'ignore'] })
    let output = ''
    const end = (error: unknown) => {
      // Closed by us: a child of the helper could hold them open for ever.
      child.stdout.destroy()
      child.kill('SIGKILL')
      reject(error as Error)
    }
    const timer = setTimeout(
      () => end(failed(name, verb, options, `it gave no answer within ${timeoutMs / 1000} s`)),
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
      if (output.length > longestOutput) end(failed(name, verb, options, 'its answer is too long'))
    })
    child.once('error', (error) => {
      settle()
      const why = systemCode(error) === 'ENOENT' ? 'it is not installed' : error.message
      reject(failed(name, verb, options, why))
    })
    child.once('close', (status) => {
      settle()
      resolve({ status, output })
    })
    // A helper that does not read closes the pipe under us.
    child.stdin.on('error', () => {})
    child.stdin.end(input)
  })
}

function parseOutput(name: string, output: string, options: HelperOptions): Credentials | undefined {
  let answer: { Username?: unknown; Secret?: unknown } | null
  try {
    answer = JSON.parse(output) as typeof answer
  } catch {
    throw failed(name, 'get', options, 'its answer is not JSON')
  }
  const { Username: username, Secret: secret } = answer ?? {}
  if (typeof username !== 'string' || typeof secret !== 'string') {
    throw failed(name, 'get', options, 'its answer has no Username and Secret')
  }
  if (username === '' && secret === '') return undefined
  const from = `docker-credential-${name}`
  return username === '<token>' ? { identityToken: secret, from } : { username, password: secret, from }
}

function failed(name: string, verb: HelperVerb, { host, server }: HelperOptions, why: string): Failure {
  const program = `docker-credential-${name}`
  const what = {
    get: `get credentials for ${host} from`,
    store: `store credentials for ${host} in`,
    erase: `remove credentials for ${host} from`,
  }
  return new Failure('REGISTRY_UNAUTHORIZED', `cannot ${what[verb]} ${program}: ${why}`, {
    hint: `run it by hand: echo ${server} | ${program} get`,
  })
}

function firstLine(output: string): string {
  const line = output.trim().split('\n', 1)[0]!.slice(0, 200)
  return line === '' ? '' : `: ${line}`
}
