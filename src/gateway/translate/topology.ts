/** What stands in front of this gateway, which no object says (Istio `gatewayTopology`). Pure. */
import type { Listener } from '../model/index.ts'

export interface Topology {
  /** proxies that are trusted to write X-Forwarded-For and its kin; default 0: what clients write is replaced */
  readonly trustedHops?: number
  /** every TCP connection begins with a PROXY protocol header, version 1 or 2; default false */
  readonly proxyProtocol?: boolean
}

export function behind(
  { trustedHops = 0, proxyProtocol = false }: Topology,
  listeners: readonly Listener[],
): readonly Listener[] {
  if (trustedHops === 0 && !proxyProtocol) return listeners
  return listeners.map((listener) => ({
    ...listener,
    ...(proxyProtocol && listener.transport === 'tcp' && { proxyProtocol }),
    filterChains: listener.filterChains.map((chain) =>
      chain.filter.kind === 'http' && trustedHops > 0
        ? { ...chain, filter: { ...chain.filter, trustedHops } }
        : chain,
    ),
  }))
}
