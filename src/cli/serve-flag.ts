/** `--serve[=ADDR]`, `--pin` and `--store DIR`: images pulled from this process. */
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Command } from 'commander'
import { Failure } from '../base/index.ts'
import type { Output } from './output.ts'

export const defaultAddress = '127.0.0.1:5050'

export interface ServeFlags {
  readonly serve?: string
  readonly pin?: boolean
  readonly store?: string
}

export function addServeFlags(command: Command): Command {
  return command
    .option(
      '--serve [host:port]',
      `serve the images until Ctrl-C, from their sources; default ${defaultAddress}`,
    )
    .option('--pin', 'keep what is served, so that its sources may be overwritten')
    .option('--store <dir>', 'folder for what --pin keeps; default $XDG_DATA_HOME/slipway/registry')
}

/** The arguments with `--serve` as `--serve=ADDR`: what follows it, such as the context folder, is not its value. */
export function completeServeFlag(argv: readonly string[]): string[] {
  const end = argv.indexOf('--')
  return argv.map((word, index) =>
    word === '--serve' && (end < 0 || index < end) ? `--serve=${defaultAddress}` : word,
  )
}

/** @throws Failure USAGE when there is nothing to pin */
export function checkServeFlags({ serve, pin, store }: ServeFlags): void {
  if (serve !== undefined && (pin === true || store === undefined)) return
  if (pin !== true && store === undefined) return
  const [flag, other] = pin === true ? ['--pin', '--serve'] : ['--store', '--pin']
  throw new Failure('USAGE', `${flag} means nothing without ${other}`, {
    hint: `add ${other}, or leave it out`,
  })
}

/** @throws Failure USAGE */
export function parseServe(
  text: string,
  { pin, store }: { readonly pin?: boolean | undefined; readonly store?: string | undefined },
  directory: string,
): Extract<Output, { kind: 'serve' }> {
  const address = { kind: 'serve', ...parseAddress(text) } as const
  if (pin !== true) return address
  return { ...address, pinned: resolve(directory, store ?? registryStore(process.env)) }
}

/** The folder of the registry of this user. */
export function registryStore(env: Readonly<NodeJS.ProcessEnv>): string {
  return join(env['XDG_DATA_HOME'] || join(homedir(), '.local/share'), 'slipway/registry')
}

/** `host:port`, `[::1]:port` or `:port`. @throws Failure USAGE */
export function parseAddress(text: string): { host: string; port: number } {
  const match = /^(?:\[(?<six>[0-9a-fA-F:.]+)\]|(?<name>[^:[\]]*)):(?<port>\d{1,5})$/.exec(text)
  const port = Number(match?.groups?.['port'])
  if (!match?.groups || port > 65_535) {
    throw new Failure('USAGE', `"${text}" is not an address to listen on`, {
      hint: 'write it as host:port, such as 127.0.0.1:5050',
    })
  }
  return { host: match.groups['six'] ?? (match.groups['name'] || '0.0.0.0'), port }
}

/** Whether only programs of this machine reach an address. */
export function isLoopbackName(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.')
}
