/** `slipway registry serve`: a registry on this machine. */
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Command } from 'commander'
import { Failure } from '../base/index.ts'

interface ServeFlags {
  readonly addr: string
  readonly store?: string
  readonly readOnly?: boolean
  readonly progress: string
}

export function addRegistryCommand(program: Command): void {
  program
    .command('registry')
    .description('a registry on this machine')
    .command('serve')
    .description('serve a registry until Ctrl-C')
    .option('--addr <host:port>', 'address to listen on; port 0 takes a free one', '127.0.0.1:5050')
    .option('--store <dir>', 'folder that keeps what is pushed; default $XDG_DATA_HOME/slipway/registry')
    .option('--read-only', 'take no pushes and deletions')
    .option('--progress <mode>', 'auto, plain, json or quiet', 'auto')
    .action((flags: ServeFlags) => serveAction(flags))
}

async function serveAction(flags: ServeFlags): Promise<void> {
  const { startRegistryServer } = await import('../registry/index.ts')
  const { openRegistryFolder } = await import('../store/index.ts')
  const { servedLine } = await import('./report/served.ts')
  const { untilInterrupted } = await import('./interruption.ts')
  const address = parseAddress(flags.addr)
  const data = process.env['XDG_DATA_HOME'] || join(homedir(), '.local/share')
  const folder = resolve(flags.store ?? join(data, 'slipway/registry'))
  const store = await openRegistryFolder(folder)
  try {
    const server = await startRegistryServer({
      address,
      store: flags.readOnly ? { ...store, writer: undefined } : store,
      emit(event) {
        if (flags.progress === 'json') process.stderr.write(`${JSON.stringify(event)}\n`)
        else if (flags.progress !== 'quiet') process.stderr.write(`${servedLine(event, process.stderr)}\n`)
      },
    })
    process.stdout.write(`registry ${server.host}, kept in ${folder}\n`)
    if (!isLoopback(address.host))
      process.stderr.write(`warning: everyone who reaches ${server.host} can push to it\n`)
    await untilInterrupted()
    await server.close()
  } finally {
    await store.close()
  }
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

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.')
}
