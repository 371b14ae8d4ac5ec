/**
 * Leads the nodes of a kind cluster to a registry of this machine: containerd reads for each name of a registry where it
 * is (containerd docs/hosts.md).
 */
import { isIPv6 } from 'node:net'
import { all, Failure, type Waiting } from '../../../base/index.ts'
import { runCommand } from './command.ts'
import { findNodes, type KindNode } from './find-nodes.ts'
import { hostsToml } from './registry-files.ts'

export interface NodeHostsOptions extends Waiting {
  /** default: KIND_CLUSTER_NAME, else `kind` */
  readonly cluster?: string | undefined
  readonly env: Readonly<NodeJS.ProcessEnv>
  /** port of the registry */
  readonly port: number
  /** name or address of this machine as nodes reach it; default: their gateway */
  readonly from?: string | undefined
}

export interface NodeHosts {
  readonly node: KindNode
  /** such as `http://172.18.0.1:5050` */
  readonly url: string
}

/** How each node reaches the registry. @throws Failure CLUSTER_NOT_FOUND | STORE_UNREACHABLE | STORE_REFUSED */
export async function nodeHosts(options: NodeHostsOptions): Promise<readonly NodeHosts[]> {
  const { env, signal, port, from } = options
  const cluster = options.cluster ?? (env['KIND_CLUSTER_NAME'] || 'kind')
  const nodes = await findNodes(cluster, { env, signal })
  return all(nodes, async (node) => {
    const host = from ?? (await gatewayOf(node, { env, signal }))
    return { node, url: `http://${isIPv6(host) ? `[${host}]` : host}:${port}` }
  })
}

/**
 * Writes the file of each name on the node, each in one step, and says whether containerd there reads such files.
 * @param certs folder on the node
 * @throws Failure STORE_UNREACHABLE | STORE_REFUSED
 */
export async function writeNodeHosts(
  { node, url }: NodeHosts,
  names: readonly string[],
  { certs, env, signal }: Pick<NodeHostsOptions, 'env' | 'signal'> & { readonly certs: string },
): Promise<{ readonly isRead: boolean }> {
  const options = { action: `write hosts.toml on ${node.name}`, env, signal }
  for (const name of names) {
    const script =
      'mkdir -p "$1" && printf %s "$2" > "$1/hosts.toml.tmp" && mv "$1/hosts.toml.tmp" "$1/hosts.toml"'
    const argv = ['sh', '-c', script, 'sh', `${certs}/${name}`, hostsToml(url)]
    await runCommand([node.runtime, 'exec', node.name, ...argv], options)
  }
  const dump = await runCommand(
    [node.runtime, 'exec', node.name, 'containerd', 'config', 'dump'],
    options,
  ).catch((error: unknown) => {
    // An old one has no dump of what it uses; it is then not known.
    if (error instanceof Failure) return 'config_path = "unknown"'
    throw error
  })
  return { isRead: /^\s*config_path = ["'][^"']/m.test(dump) }
}

/** This machine, as the default route of a node has it. */
async function gatewayOf(
  node: KindNode,
  { env, signal }: Pick<NodeHostsOptions, 'env' | 'signal'>,
): Promise<string> {
  const argv = [node.runtime, 'exec', node.name, 'ip', '-4', 'route', 'show', 'default']
  const route = await runCommand(argv, { action: `ask ${node.name} for its gateway`, env, signal })
  const gateway = /\bvia (\S+)/.exec(route)?.[1]
  if (gateway !== undefined) return gateway
  throw new Failure('STORE_REFUSED', `the node ${node.name} has no gateway`, {
    hint: 'say how nodes reach this machine: --from host.docker.internal',
  })
}
