/** Listeners of the model, with their chains and routes, of one Gateway. */
import type {
  DownstreamTls,
  FilterChain,
  Listener,
  RouteConfiguration,
  WeightedTarget,
} from '../../model/index.ts'
import type { HostedCandidate } from './candidate.ts'
import type { Context } from './context.ts'
import { compareHostnames, ownerOf } from './hostnames.ts'
import { listenersOf, serves, type GatewayState, type ListenerState } from './listener-state.ts'
import { tlsVirtualHosts, virtualHosts } from './virtual-hosts.ts'

/** What routes gave to listeners. */
export interface Traffic {
  readonly http: ReadonlyMap<ListenerState, readonly HostedCandidate[]>
  /** by hostname; oldest route first */
  readonly streams: ReadonlyMap<ListenerState, readonly HostedStream[]>
}

export interface HostedStream {
  readonly hostname: string
  readonly targets: readonly WeightedTarget[]
}

/** `127.0.0.1:80/tcp` */
export function modelListenerName(address: string, port: number, transport: 'tcp' | 'udp'): string {
  return `${address.includes(':') ? `[${address}]` : address}:${port}/${transport}`
}

export function addListeners({ output }: Context, gateway: GatewayState, traffic: Traffic): void {
  const serving = listenersOf(gateway).filter(serves)
  const groups = Map.groupBy(serving, ({ spec, transport }) => `${spec.port}/${transport}`)
  for (const listeners of groups.values()) {
    const [first] = listeners
    if (first === undefined) continue
    const { port } = first.spec
    const { chains, routes } = chainsOf(listeners, traffic)
    output.routeConfigurations.push(...routes)
    for (const chain of chains) output.origin(chain.name, gateway.object)
    for (const address of gateway.addresses) {
      const listener: Listener = {
        name: modelListenerName(address, port, first.transport),
        address,
        port,
        transport: first.transport,
        filterChains: chains,
      }
      output.listeners.push(listener)
    }
  }
}

interface Chains {
  readonly chains: readonly FilterChain[]
  readonly routes: readonly RouteConfiguration[]
}

/** Chains of the listeners of one port. */
function chainsOf(listeners: readonly ListenerState[], traffic: Traffic): Chains {
  const plain = listeners.filter(({ spec }) => spec.protocol === 'HTTP')
  const https = listeners.filter(({ spec }) => spec.protocol === 'HTTPS')
  const parts = [
    ...(plain.length > 0 ? [plainChain(plain, traffic)] : []),
    ...https.map((listener) => httpsChain(listener, https, traffic)),
  ]
  const tls = listeners.filter(({ spec }) => spec.protocol === 'TLS')
  const owners = new Set([...https, ...tls].map(({ hostname }) => hostname))
  const streams = listeners.flatMap((listener) => streamChains(listener, owners, traffic))
  return { chains: [...parts.map(({ chain }) => chain), ...streams], routes: parts.map(({ route }) => route) }
}

/** Plain HTTP listeners of a port share a chain; hosts tell them apart. */
function plainChain(listeners: readonly ListenerState[], { http }: Traffic): Part {
  const [first] = listeners
  const { namespace, name } = first!.gateway.object.metadata
  const hosted = listeners.map((listener) => ({
    hostname: listener.hostname,
    candidates: http.get(listener) ?? [],
  }))
  const label = `Gateway ${namespace}/${name} port ${first!.spec.port}`
  return {
    chain: {
      name: label,
      match: { tls: false, serverNames: [] },
      filter: { kind: 'http', routeConfiguration: label },
    },
    route: { name: label, virtualHosts: virtualHosts(hosted) },
  }
}

interface Part {
  readonly chain: FilterChain
  readonly route: RouteConfiguration
}

function httpsChain(listener: ListenerState, all: readonly ListenerState[], { http }: Traffic): Part {
  const hosted = { hostname: listener.hostname, candidates: http.get(listener) ?? [] }
  const others = all.filter((other) => other !== listener).map(({ hostname }) => hostname)
  return {
    chain: {
      name: listener.label,
      match: { tls: true, serverNames: serverNames(listener.hostname) },
      tls: downstreamTls(listener, ['h2', 'http/1.1']),
      filter: { kind: 'http', routeConfiguration: listener.label },
    },
    route: { name: listener.label, virtualHosts: tlsVirtualHosts(hosted, others) },
  }
}

/** TLS listeners have a chain for each hostname of their routes, TCP and UDP listeners one; the oldest route serves. */
function streamChains(
  listener: ListenerState,
  owners: ReadonlySet<string>,
  { streams }: Traffic,
): FilterChain[] {
  const { spec, label } = listener
  const hosted = streams.get(listener) ?? []
  const targets = hosted[0]?.targets ?? []
  switch (spec.protocol) {
    case 'UDP':
      return [{ name: label, match: { tls: false, serverNames: [] }, filter: { kind: 'udp', targets } }]
    case 'TCP':
      return [{ name: label, match: { tls: false, serverNames: [] }, filter: { kind: 'tcp', targets } }]
    case 'TLS': {
      const byHostname = Map.groupBy(hosted, ({ hostname }) => hostname)
      const own = [...byHostname.keys()]
        .filter((hostname) => ownerOf(hostname, owners) === listener.hostname)
        .toSorted(compareHostnames)
      return own.map((hostname) => ({
        name: own.length > 1 ? `${label} ${hostname}` : label,
        match: { tls: true, serverNames: serverNames(hostname) },
        ...(listener.terminates ? { tls: downstreamTls(listener, []) } : {}),
        filter: { kind: 'tcp', targets: byHostname.get(hostname)?.[0]?.targets ?? [] },
      }))
    }
    default:
      return []
  }
}

function serverNames(hostname: string): string[] {
  return hostname === '*' ? [] : [hostname]
}

function downstreamTls(listener: ListenerState, alpn: readonly string[]): DownstreamTls {
  const { certificates, clientValidation } = listener
  return { certificates, alpn, ...(clientValidation ? { clientValidation } : {}) }
}
