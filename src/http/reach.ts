/**
 * How near an address is to this machine. A server on the internet that sends us to a nearer address would have us
 * speak, in its name, to what it cannot reach itself (server-side request forgery).
 */
import { BlockList, isIP } from 'node:net'
import { Failure } from '../base/index.ts'

/**
 * `loopback`: this machine; `link`: its wire, as 169.254.169.254 with the secrets of a cloud machine; `private`: its
 * networks (RFC 1918, RFC 4193, carrier NAT); `public`: all others
 */
export type Reach = 'loopback' | 'link' | 'private' | 'public'

const nearestFirst: readonly Reach[] = ['loopback', 'link', 'private', 'public']

const loopback = blockList([
  ['127.0.0.0', 8],
  ['0.0.0.0', 8],
  ['::1', 128],
  ['::', 128],
])
const link = blockList([
  ['169.254.0.0', 16],
  ['224.0.0.0', 3],
  ['fe80::', 10],
  ['ff00::', 8],
])
const privateNetworks = blockList([
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['100.64.0.0', 10],
  ['fc00::', 7],
])

/** The reach of an IP address, with or without brackets; nothing for a name, which only its lookup can tell. */
export function reachOf(host: string): Reach | undefined {
  const address = host.replace(/^\[(.*)\]$/, '$1')
  const family = isIP(address)
  if (family === 0) return undefined
  const type = family === 6 ? 'ipv6' : 'ipv4'
  if (loopback.check(address, type)) return 'loopback'
  if (link.check(address, type)) return 'link'
  return privateNetworks.check(address, type) ? 'private' : 'public'
}

export function isNearer(one: Reach, other: Reach): boolean {
  return nearestFirst.indexOf(one) < nearestFirst.indexOf(other)
}

/** What is said of a server that sent us to an address which is nearer than its own. */
export function nearerFailure(target: URL, reach: Reach): Failure {
  return new Failure('REGISTRY_REFUSED', `it sends us to ${target.host}, an address of ${meanings[reach]}`, {
    hint: `if its owner can explain it, allow it: SLIPWAY_PRIVATE_HOSTS=${target.hostname}`,
  })
}

const meanings: Readonly<Record<Reach, string>> = {
  loopback: 'this machine',
  link: 'the local link',
  private: 'a private network',
  public: 'the internet',
}

function blockList(networks: readonly (readonly [network: string, prefix: number])[]): BlockList {
  const list = new BlockList()
  for (const [network, prefix] of networks) {
    list.addSubnet(network, prefix, network.includes(':') ? 'ipv6' : 'ipv4')
  }
  return list
}
