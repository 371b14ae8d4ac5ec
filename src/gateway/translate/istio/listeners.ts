/** Servers as listeners with their filter chains and route configurations. */
import type { FilterChain, HttpConnectionManager, Listener, RouteConfiguration } from '../../model/index.ts'
import type { Context, Part } from './context.ts'
import { passthroughChains, tcpChain } from './l4-routes.ts'
import { nameOf } from '../report.ts'
import { translateServerTls } from './server-tls.ts'
import type { BoundServer } from './servers.ts'
import { gatewayKey, virtualHosts } from './virtual-hosts.ts'
import type { VirtualService } from './virtual-services.ts'

export interface ServedListeners {
  readonly listeners: readonly Listener[]
  readonly routeConfigurations: readonly RouteConfiguration[]
  /** names of the listener and the chains that a server is part of; a server that is not here is not served */
  readonly partsOf: ReadonlyMap<BoundServer, readonly string[]>
  /** the server that a chain, by its name, is there for; of several that share it the first */
  readonly serverOf: ReadonlyMap<string, BoundServer>
}

const httpAlpn = ['h2', 'http/1.1']

export function serve(
  servers: readonly BoundServer[],
  services: readonly VirtualService[],
  context: Context,
): ServedListeners {
  const partsOf = new Map<BoundServer, readonly string[]>()
  const serverOf = new Map<string, BoundServer>()
  const routeConfigurations: RouteConfiguration[] = []
  const groups = Map.groupBy(servers, ({ address, port }) => listenerName(address, port))
  const listeners = [...groups].flatMap(([name, group]): Listener[] => {
    const first = group[0]
    if (!first) return []
    const filterChains = chainsOf(name, group)
    return filterChains.length === 0
      ? []
      : [{ name, address: first.address, port: first.port, transport: 'tcp', filterChains }]
  })
  return { listeners, routeConfigurations, partsOf, serverOf }

  function chainsOf(name: string, group: readonly BoundServer[]): FilterChain[] {
    const chains: FilterChain[] = []
    const add = (server: BoundServer, made: readonly FilterChain[]) => {
      if (made.length > 0) partsOf.set(server, [name, ...made.map((chain) => chain.name)])
      for (const chain of made) serverOf.set(chain.name, server)
      chains.push(...made)
    }
    const plain = group.filter(({ kind }) => kind === 'http')
    if (plain[0]) {
      const chain = httpChain(plain, `istio/http/${name}`)
      add(plain[0], [chain])
      for (const server of plain) partsOf.set(server, [name, chain.name])
    }
    const taken = new Map<string, string>()
    for (const server of group) {
      if (server.kind === 'passthrough') add(server, passthroughChains(server, services, taken, context))
      else if (server.kind !== 'http') add(server, singleChain(server))
      if (server.kind !== 'http' && !partsOf.has(server)) tellUnserved(server)
    }
    return chains
  }

  function httpChain(group: readonly BoundServer[], routes: string): FilterChain {
    routeConfigurations.push({ name: routes, virtualHosts: virtualHosts(group, services, context) })
    return {
      name: group.map((server) => `${nameOf(server.gateway)} server ${server.index}`).join(', '),
      match: { tls: false, serverNames: [] },
      filter: connectionManager(routes),
    }
  }

  function singleChain(server: BoundServer): FilterChain[] {
    const part: Part = { object: server.gateway, path: ['servers', server.index, 'tls'] }
    const { tls } = server.server
    const alpn = server.kind === 'https' ? httpAlpn : []
    const own = tls && translateServerTls(tls, alpn, context, part)
    if (tls && !own) return []
    if (server.kind !== 'https') {
      const chain = tcpChain(server, services, own, context)
      return chain ? [chain] : []
    }
    const names = [...new Set(server.hosts.map(({ host }) => host))]
    const routes = `istio/https/${gatewayKey(server.gateway)}/${server.index}`
    return [
      {
        ...httpChain([server], routes),
        match: { tls: true, serverNames: names.includes('*') ? [] : names },
        ...(own && { tls: own }),
      },
    ]
  }

  function tellUnserved(server: BoundServer): void {
    const hasReason = context.report.of(server.gateway).some(({ severity }) => severity === 'error')
    if (hasReason && server.kind !== 'tcp' && server.kind !== 'passthrough') return
    const kind = server.kind === 'passthrough' ? 'tls' : 'tcp'
    context.report.warn(server.gateway, ['servers', server.index], {
      rule: 'server-without-routes',
      message: `no VirtualService has ${kind} routes for port ${server.port}, so nobody listens on it`,
    })
  }
}

function connectionManager(routeConfiguration: string): HttpConnectionManager {
  return { kind: 'http', routeConfiguration, serverName: 'istio-envoy', forwardClientCert: 'sanitize-set' }
}

function listenerName(address: string, port: number): string {
  return `${address}:${port}/tcp`
}
