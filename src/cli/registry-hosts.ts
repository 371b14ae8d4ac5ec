/** `slipway registry hosts`: what the nodes of a kind cluster need to pull from a registry of this machine. */
import { hostsToml, localRegistryConfigMap, nodeHosts, writeNodeHosts } from '../build/index.ts'
import { isLoopbackName, parseAddress } from './serve-flag.ts'

export interface HostsFlags {
  readonly addr: string
  readonly cluster?: string
  readonly from?: string
  readonly certs: string
  readonly write?: boolean
}

const oldCluster = `warning: containerd on these nodes does not read such files; make the cluster with
  containerdConfigPatches:
    - |-
      [plugins."io.containerd.grpc.v1.cri".registry]
        config_path = "/etc/containerd/certs.d"
`

/** Writes files on the nodes, or prints them; the ConfigMap always goes to stdout, for `kubectl apply -f -`. */
export async function hostsAction({ addr, cluster, from, certs, write }: HostsFlags): Promise<void> {
  const { host, port } = parseAddress(addr)
  const names = isLoopbackName(host) ? [...new Set([addr, `localhost:${port}`, `127.0.0.1:${port}`])] : [addr]
  const hosts = await nodeHosts({ cluster, from, port, env: process.env })
  let isRead = true
  for (const each of hosts) {
    if (write) {
      const written = await writeNodeHosts(each, names, { certs, env: process.env })
      isRead &&= written.isRead
      process.stderr.write(`${each.node.name}: ${names.join(', ')} -> ${each.url}\n`)
      continue
    }
    for (const name of names) {
      const lines = hostsToml(each.url).trimEnd().split('\n')
      process.stdout.write(`# ${each.node.name}: ${certs}/${name}/hosts.toml\n`)
      process.stdout.write(lines.map((line) => `#   ${line}\n`).join(''))
    }
  }
  if (!isRead) process.stderr.write(oldCluster)
  process.stdout.write(localRegistryConfigMap(names[0]!))
}
