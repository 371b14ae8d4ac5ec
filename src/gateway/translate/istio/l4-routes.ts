/** `tcp` and `tls` routes of VirtualServices as filter chains. */
import type { DownstreamTls, FilterChain, TcpProxy } from '../../model/index.ts'
import type { Context, Part } from './context.ts'
import { below } from './context.ts'
import { isSubset } from './host-name.ts'
import { nameOf } from '../report.ts'
import type { BoundServer } from './servers.ts'
import type { L4Match, RouteDestination } from './spec.ts'
import { attachedTo, gatewayKey, sharedHosts } from './virtual-hosts.ts'
import type { VirtualService } from './virtual-services.ts'

/** The first `tcp` rule that fits takes every connection; without one there is nobody to listen for. */
export function tcpChain(
  server: BoundServer,
  services: readonly VirtualService[],
  tls: DownstreamTls | undefined,
  context: Context,
): FilterChain | undefined {
  for (const service of reaching(server, services)) {
    for (const [index, rule] of service.tcp.entries()) {
      const part: Part = { object: service.object, path: ['tcp', index] }
      const matches = rule.match ?? []
      const fits = matches.some((match, at) => canHold(match, server, context, below(part, 'match', at)))
      if ((matches.length > 0 && !fits) || !rule.route?.length) continue
      const names = server.hosts.map(({ host }) => host)
      return {
        name: `${nameOf(server.gateway)} server ${server.index} by ${nameOf(service.object)} tcp ${index}`,
        match: {
          tls: tls !== undefined,
          serverNames: tls && !names.includes('*') ? [...new Set(names)] : [],
        },
        ...(tls && { tls }),
        filter: tcpProxy(rule.route, server, service, { context, part }),
      }
    }
  }
  return undefined
}

/** One chain for each match of a `tls` rule. A server name that an older rule took is left out. */
export function passthroughChains(
  server: BoundServer,
  services: readonly VirtualService[],
  taken: Map<string, string>,
  context: Context,
): FilterChain[] {
  const chains: FilterChain[] = []
  for (const service of reaching(server, services)) {
    for (const [index, rule] of service.tls.entries()) {
      for (const [position, match] of rule.match.entries()) {
        const part: Part = { object: service.object, path: ['tls', index] }
        const own = below(part, 'match', position)
        if (!rule.route?.length || !canHold(match, server, context, own)) continue
        const names = match.sniHosts.map((name) => name.toLowerCase())
        const owner = `${nameOf(service.object)} tls ${index}`
        const serverNames = freeNames(names, owner, taken, { context, part: own })
        if (serverNames.length === 0) continue
        tellStrangers(serverNames, service, { context, part: own })
        chains.push({
          name: `${nameOf(server.gateway)} server ${server.index} by ${owner} match ${position}`,
          match: { tls: true, serverNames: serverNames.includes('*') ? [] : serverNames },
          filter: tcpProxy(rule.route, server, service, { context, part }),
        })
      }
    }
  }
  return chains
}

interface Telling {
  readonly context: Context
  readonly part: Part
}

function freeNames(
  names: readonly string[],
  owner: string,
  taken: Map<string, string>,
  telling: Telling,
): string[] {
  return names.filter((name, at) => {
    const other = taken.get(name)
    if (other === undefined) {
      taken.set(name, owner)
      return true
    }
    const { object, path } = below(telling.part, 'sniHosts', at)
    telling.context.report.warn(object, path, {
      rule: 'duplicate-server-name',
      message: `server name ${name} is taken by ${other}`,
    })
    return false
  })
}

function tellStrangers(
  names: readonly string[],
  { hosts }: VirtualService,
  { context, part }: Telling,
): void {
  for (const name of names) {
    if (hosts.some((host) => isSubset(name, host))) continue
    context.report.warn(part.object, [...part.path, 'sniHosts'], {
      rule: 'server-name-outside-hosts',
      message: `server name ${name} is not among the hosts of the VirtualService`,
    })
  }
}

function reaching(server: BoundServer, services: readonly VirtualService[]): VirtualService[] {
  return attachedTo(server.gateway, services).filter((service) => sharedHosts(server, service).length > 0)
}

/** Port and Gateway are all that Istio looks at here. */
function canHold(match: L4Match, server: BoundServer, { report }: Context, { object, path }: Part): boolean {
  for (const field of ['destinationSubnets', 'sourceLabels', 'sourceNamespace', 'sourceSubnet'] as const) {
    if (match[field] !== undefined)
      report.ignored(object, [...path, field], 'a gateway looks at port and gateways only')
  }
  return (
    (!match.port || match.port === server.port) &&
    (!match.gateways?.length || match.gateways.includes(gatewayKey(server.gateway)))
  )
}

function tcpProxy(
  routes: readonly RouteDestination[],
  server: BoundServer,
  service: VirtualService,
  { context, part }: Telling,
): TcpProxy {
  const scope = { port: server.port, namespace: service.object.metadata.namespace }
  const live = [...routes.entries()].filter(([, { weight }]) => routes.length === 1 || (weight ?? 0) > 0)
  if (live.length === 0) {
    context.report.error(part.object, [...part.path, 'route'], {
      rule: 'weights-without-sum',
      message: 'no destination has a weight, so every connection is refused',
      hint: 'with several destinations each needs a weight',
    })
  }
  const resolved = live.map(([index, { destination, weight }]) => ({
    weight: routes.length === 1 ? 1 : (weight ?? 0),
    found: context.destinations.resolve(destination, scope, below(part, 'route', index, 'destination')),
  }))
  const idleTimeoutMs = resolved.find(({ found }) => found.idleTimeoutMs !== undefined)?.found.idleTimeoutMs
  return {
    kind: 'tcp',
    targets: resolved.map(({ weight, found }) => ({
      weight,
      ...('cluster' in found.to && { cluster: found.to.cluster }),
    })),
    ...(idleTimeoutMs !== undefined && { idleTimeoutMs }),
  }
}
