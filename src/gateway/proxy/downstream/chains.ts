/** Which chain of a listener takes a connection. Pure. */
import { BlockList, isIPv6 } from 'node:net'
import type { FilterChain } from '../../model/index.ts'

export interface Arrival {
  /** nothing: it speaks no TLS */
  readonly tls: { readonly serverName: string | undefined } | undefined
  readonly peer: string
}

/** Networks of a chain, parsed once. */
const networks = new WeakMap<FilterChain, BlockList>()

/** The most specific server name wins: exact, longest `*.suffix`, none; of equals the first. */
export function chooseChain(chains: readonly FilterChain[], { tls, peer }: Arrival): FilterChain | undefined {
  let best: FilterChain | undefined
  let most = -1
  for (const chain of chains) {
    if (chain.match.tls !== (tls !== undefined) || !isFrom(chain, peer)) continue
    const rank = tls === undefined ? 0 : rankOf(chain.match.serverNames, tls.serverName)
    if (rank > most) [best, most] = [chain, rank]
  }
  return best
}

/** -1: does not match; more is more specific */
function rankOf(names: readonly string[], serverName: string | undefined): number {
  if (names.length === 0) return 0
  if (serverName === undefined) return names.includes('*') ? 0 : -1
  let best = -1
  for (const name of names) {
    if (name === serverName) return 1000
    if (name === '*') best = Math.max(best, 0)
    else if (
      name.startsWith('*.') &&
      serverName.endsWith(name.slice(1)) &&
      serverName.length > name.length - 1
    ) {
      best = Math.max(best, name.length)
    }
  }
  return best
}

function isFrom(chain: FilterChain, peer: string): boolean {
  return (
    chain.match.sourceCidrs === undefined || networksOf(chain).check(peer, isIPv6(peer) ? 'ipv6' : 'ipv4')
  )
}

/** @throws Error when one of its networks is none */
export function networksOf(chain: FilterChain): BlockList {
  const known = networks.get(chain)
  if (known !== undefined) return known
  const list = new BlockList()
  for (const cidr of chain.match.sourceCidrs ?? []) {
    const [network = '', bits] = cidr.split('/')
    const family = isIPv6(network) ? 'ipv6' : 'ipv4'
    list.addSubnet(network, bits === undefined ? (family === 'ipv6' ? 128 : 32) : Number(bits), family)
  }
  networks.set(chain, list)
  return list
}
