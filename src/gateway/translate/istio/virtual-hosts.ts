/** Virtual hosts of the servers that share a route configuration. */
import type { Route, VirtualHost } from '../../model/index.ts'
import type { Context } from './context.ts'
import { compareSpecificity, hostsFor, intersect } from './host-name.ts'
import { isCatchAll } from './http-match.ts'
import { routesOf } from './http-route.ts'
import type { BoundServer, GatewayObject } from './servers.ts'
import type { VirtualService } from './virtual-services.ts'
import { isVisible } from './visibility.ts'

/**
 * Hosts of VirtualServices and servers that overlap; the narrower one is the domain. The routes of several
 * VirtualServices for one domain follow one another in Istio's order, with catch-alls at the end.
 */
export function virtualHosts(
  servers: readonly BoundServer[],
  services: readonly VirtualService[],
  context: Context,
): VirtualHost[] {
  const domains = new Map<string, Domain>()
  const domainOf = (name: string): Domain => {
    const known = domains.get(name) ?? { name, attached: [], requireTls: false }
    domains.set(name, known)
    return known
  }
  const routes = new Map<string, Attached>()
  for (const server of servers) {
    const redirects = server.kind === 'http' && server.server.tls?.httpsRedirect === true
    for (const service of attachedTo(server.gateway, services)) {
      const key = `${gatewayKey(server.gateway)} ${service.object.metadata.namespace}/${service.object.metadata.name}`
      for (const host of sharedHosts(server, service)) {
        const domain = domainOf(host)
        const attached = routes.get(key) ?? {
          key,
          routes: routesOf(service, { port: server.port, gateway: gatewayKey(server.gateway) }, context),
        }
        routes.set(key, attached)
        if (!domain.attached.includes(attached)) domain.attached.push(attached)
        domain.requireTls ||= redirects
      }
    }
    if (!redirects) continue
    for (const { host } of server.hosts) domainOf(host).requireTls = true
  }
  return joinSame([...domains.values()], servers[0]?.port ?? 0)
}

interface Attached {
  readonly key: string
  readonly routes: readonly Route[]
}

interface Domain {
  readonly name: string
  readonly attached: Attached[]
  requireTls: boolean
}

/** VirtualServices that name the Gateway and let its namespace see them, in Istio's order. */
export function attachedTo(gateway: GatewayObject, services: readonly VirtualService[]): VirtualService[] {
  return services.filter(
    ({ gateways, object }) =>
      gateways.includes(gatewayKey(gateway)) &&
      isVisible(object.spec.exportTo, object.metadata.namespace, gateway.metadata.namespace),
  )
}

export function sharedHosts(server: BoundServer, service: VirtualService): string[] {
  return intersect(hostsFor(server.hosts, service.object.metadata.namespace), service.hosts)
}

/** `namespace/name` */
export function gatewayKey({ metadata }: GatewayObject): string {
  return `${metadata.namespace}/${metadata.name}`
}

/** Domains with the same routes are one virtual host, so that a hundred hosts cost one list. */
function joinSame(domains: readonly Domain[], port: number): VirtualHost[] {
  const groups = Map.groupBy(domains, ({ attached, requireTls }) =>
    [requireTls, ...attached.map(({ key }) => key)].join('\n'),
  )
  return [...groups.values()].map((group) => {
    const names = group.map(({ name }) => name).toSorted(compareSpecificity)
    const all = (group[0]?.attached ?? []).flatMap(({ routes }) => routes)
    return {
      name: `${names[0] ?? '*'}:${port}`,
      domains: names,
      routes: [
        ...all.filter(({ match }) => !isCatchAll(match)),
        ...all.filter(({ match }) => isCatchAll(match)),
      ],
      ...(group[0]?.requireTls && { requireTls: true }),
    }
  })
}
