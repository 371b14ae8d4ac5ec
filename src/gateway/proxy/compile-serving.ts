/** Compiles a snapshot into what listeners serve. */
import type { DownstreamTls, FilterChain, Listener, Route, Snapshot } from '../model/index.ts'
import { compileRoute, type CompiledRoute } from './action/compiled-route.ts'
import type { LiveCluster } from './cluster/cluster.ts'
import type { ServedChains } from './downstream/live-listener.ts'
import { networksOf } from './downstream/chains.ts'
import type { Terminator } from './downstream/terminator.ts'
import type { TerminatorRound } from './downstream/terminators.ts'
import type { DataPlaneEvent } from './events.ts'
import { compileUdpChain } from './l4/live-udp-listener.ts'
import { compileTcpChain, type TcpChain } from './l4/tcp-chain.ts'
import { compileTable, type RouteTable } from './match/route-table.ts'
import type { HttpChain } from './serving.ts'

export interface Serving {
  readonly chainsOf: (listener: Listener) => ServedChains
  /** of a listener for UDP; nothing when it has no chain */
  readonly udpOf: (listener: Listener) => TcpChain | undefined
}

export interface ServingOptions {
  readonly clusters: ReadonlyMap<string, LiveCluster>
  readonly emit: (event: DataPlaneEvent) => void
  readonly terminators: TerminatorRound
}

/** Of a chain whose route configuration is missing. */
const noRoutes: RouteTable = { hostOf: () => undefined }

export function compileServing(
  snapshot: Snapshot,
  { clusters, emit, terminators: round }: ServingOptions,
): Serving {
  // A route keeps the clusters of its snapshot.
  const ownClusters = new Map(clusters)
  const report = (resource: string, why: string) => emit({ kind: 'problem', resource, why })
  const compile = (route: Route): CompiledRoute => {
    try {
      return compileRoute(route, (name) => ownClusters.get(name))
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      report(route.name, why)
      return broken(route, why)
    }
  }
  const tables = new Map(
    snapshot.routeConfigurations.map((configuration) => [
      configuration.name,
      compileTable(configuration, { compile, onProblem: report }),
    ]),
  )
  const terminatorOf = (chain: string, tls: DownstreamTls) => {
    try {
      return round.of(tls)
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      report(chain, why)
      return { why }
    }
  }
  const isUsable = (chain: FilterChain): boolean => {
    try {
      networksOf(chain)
      return true
    } catch (error) {
      report(chain.name, error instanceof Error ? error.message : String(error))
      return false
    }
  }
  const chainsOf = ({ filterChains }: Listener): ServedChains => {
    const http = new Map<string, HttpChain>()
    const tcp = new Map<string, TcpChain>()
    const terminators = new Map<string, Terminator | { readonly why: string }>()
    for (const { name, filter, tls } of filterChains) {
      if (tls !== undefined) terminators.set(name, terminatorOf(name, tls))
      if (filter.kind === 'tcp')
        tcp.set(
          name,
          compileTcpChain(name, filter, (cluster) => ownClusters.get(cluster)),
        )
      if (filter.kind !== 'http') continue
      http.set(name, { name, manager: filter, routes: tables.get(filter.routeConfiguration) ?? noRoutes })
    }
    return { chains: filterChains.filter(isUsable), http, tcp, terminators }
  }
  const udpOf = (listener: Listener) => compileUdpChain(listener, (name) => ownClusters.get(name))
  return { chainsOf, udpOf }
}

/** A route that cannot be compiled fails its requests: skipping part of it would do what nobody asked for. */
function broken(route: Route, why: string): CompiledRoute {
  return {
    route,
    requestHeaders: undefined,
    responseHeaders: undefined,
    cors: undefined,
    action: {
      kind: 'response',
      status: 500,
      body: undefined,
      action: { kind: 'response', status: 500, why },
    },
  }
}
