/** Snapshots of the route model for tests, with everything that a test does not care about filled in. */
import type {
  Cluster,
  FilterChain,
  ForwardAction,
  HttpConnectionManager,
  Listener,
  Route,
  Secret,
  Snapshot,
  VirtualHost,
} from '../../../src/gateway/model/index.ts'

let version = 0

export interface SnapshotParts {
  /** port of the plain HTTP listener; default none */
  readonly port?: number
  readonly routes?: readonly Route[]
  readonly virtualHosts?: readonly VirtualHost[]
  readonly clusters?: readonly Cluster[]
  readonly secrets?: readonly Secret[]
  readonly manager?: Partial<HttpConnectionManager>
  /** in place of the plain listener */
  readonly listeners?: readonly Listener[]
}

/** One listener on loopback with one route configuration named `routes`. */
export function snapshotOf(parts: SnapshotParts): Snapshot {
  const { port, routes = [], clusters = [], secrets = [], manager } = parts
  const virtualHosts = parts.virtualHosts ?? [{ name: 'all', domains: ['*'], routes }]
  const listeners = parts.listeners ?? (port === undefined ? [] : [listenerOf(port, [plainChain(manager)])])
  return {
    version: String(++version),
    listeners,
    routeConfigurations: [{ name: 'routes', virtualHosts }],
    clusters,
    secrets,
  }
}

export function listenerOf(port: number, filterChains: readonly FilterChain[]): Listener {
  return { name: `127.0.0.1:${port}/tcp`, address: '127.0.0.1', port, transport: 'tcp', filterChains }
}

export function plainChain(manager: Partial<HttpConnectionManager> = {}): FilterChain {
  return {
    name: 'plain',
    match: { tls: false, serverNames: [] },
    filter: { kind: 'http', routeConfiguration: 'routes', ...manager },
  }
}

/** A route for all paths, or those of `match`. */
export function routeOf(action: Route['action'], rest: Partial<Omit<Route, 'action'>> = {}): Route {
  return { name: 'route', match: { path: { kind: 'path-prefix', value: '' } }, action, ...rest }
}

export function forwardTo(cluster: string, rest: Partial<ForwardAction> = {}): ForwardAction {
  return { kind: 'forward', targets: [{ weight: 1, to: { cluster } }], ...rest }
}

/** A static cluster of endpoints on loopback. */
export function clusterOf(name: string, ports: readonly number[], rest: Partial<Cluster> = {}): Cluster {
  return {
    name,
    discovery: 'static',
    endpoints: ports.map((port) => ({ address: '127.0.0.1', port })),
    ...rest,
  }
}
