/** User and password from a terminal, the password unseen, or from the standard input. */
import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { Failure } from '../base/index.ts'

export interface LoginSource {
  readonly username?: string | undefined
  readonly passwordStdin?: boolean | undefined
}

/** @throws Failure USAGE, an AbortError for Ctrl-C */
export async function readLogin(
  host: string,
  { username, passwordStdin = false }: LoginSource,
): Promise<{ username: string; password: string }> {
  const command = (user: string) => `slipway login -u ${user} --password-stdin ${host} < FILE`
  if (passwordStdin) {
    if (!username) throw new Failure('USAGE', '--password-stdin needs a user', { hint: command('USER') })
    const password = (await readStandardInput()).replace(/\r?\n$/, '')
    if (password === '')
      throw new Failure('USAGE', 'the standard input has no password', { hint: command(username) })
    return { username, password }
  }
  if (!process.stdin.isTTY)
    throw new Failure('USAGE', 'there is no terminal to ask for the password on', {
      hint: command(username ?? 'USER'),
    })
  const user = username ?? (await ask(`user for ${host}: `))
  const password = user === '' ? '' : await ask(`password of ${user}: `, { isHidden: true })
  if (user === '' || password === '')
    throw new Failure('USAGE', `no ${user === '' ? 'user' : 'password'} was given`, { hint: command('USER') })
  return { username: user, password }
}

async function readStandardInput(): Promise<string> {
  let text = ''
  for await (const chunk of process.stdin.setEncoding('utf8')) text += chunk as string
  return text
}

async function ask(question: string, { isHidden = false } = {}): Promise<string> {
  // The terminal's own echo is off while readline runs, which would write what is typed itself.
  const output = new Writable({
    write(chunk: Uint8Array, _encoding, done) {
      if (!isHidden) process.stderr.write(chunk)
      done()
    },
  })
  if (isHidden) process.stderr.write(question)
  const terminal = createInterface({ input: process.stdin, output, terminal: true, historySize: 0 })
  const stop = new AbortController()
  terminal.once('SIGINT', () => stop.abort())
  // Ctrl-D
  terminal.once('close', () => stop.abort())
  try {
    return await terminal.question(isHidden ? '' : question, { signal: stop.signal })
  } finally {
    terminal.close()
    if (isHidden) process.stderr.write('\n')
  }
}
