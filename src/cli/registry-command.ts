/** `slipway registry serve` and `slipway registry hosts`: a registry on this machine. */
import { resolve } from 'node:path'
import type { Command } from 'commander'
import type { HostsFlags } from './registry-hosts.ts'
import { defaultAddress, isLoopbackName, parseAddress, registryStore } from './serve-flag.ts'

interface ServeFlags {
  readonly addr: string
  readonly store?: string
  readonly readOnly?: boolean
  readonly progress: string
}

export function addRegistryCommand(program: Command): void {
  const registry = program.command('registry').description('a registry on this machine')
  registry
    .command('serve')
    .description('serve a registry until Ctrl-C')
    .option('--addr <host:port>', 'address to listen on; port 0 takes a free one', defaultAddress)
    .option('--store <dir>', 'folder that keeps what is pushed; default $XDG_DATA_HOME/slipway/registry')
    .option('--read-only', 'take no pushes and deletions')
    .option('--progress <mode>', 'auto, plain, json or quiet', 'auto')
    .action((flags: ServeFlags) => serveAction(flags))
  registry
    .command('hosts')
    .description('what nodes of a kind cluster need to pull from it: hosts.toml, and a ConfigMap for kubectl')
    .option('--addr <host:port>', 'the registry as images name it', defaultAddress)
    .option('--cluster <name>', 'the cluster; default $KIND_CLUSTER_NAME, else kind')
    .option('--from <host>', 'this machine as nodes reach it; default their gateway')
    .option('--certs <dir>', 'folder of containerd on the nodes', '/etc/containerd/certs.d')
    .option('--write', 'write the files on the nodes; only the ConfigMap is printed')
    .action(async (flags: HostsFlags) => {
      const { hostsAction } = await import('./registry-hosts.ts')
      await hostsAction(flags)
    })
}

async function serveAction(flags: ServeFlags): Promise<void> {
  const { startRegistryServer } = await import('../registry/index.ts')
  const { openRegistryFolder } = await import('../store/index.ts')
  const { servedLine } = await import('./report/served.ts')
  const { untilInterrupted } = await import('./interruption.ts')
  const address = parseAddress(flags.addr)
  const folder = resolve(flags.store ?? registryStore(process.env))
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
    if (!isLoopbackName(address.host))
      process.stderr.write(`warning: everyone who reaches ${server.host} can push to it\n`)
    await untilInterrupted()
    await server.close()
  } finally {
    await store.close()
  }
}
