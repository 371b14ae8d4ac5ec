/**
 * Istio at a gateway: Gateway, VirtualService, DestinationRule, ServiceEntry and WorkloadEntry of networking.istio.io.
 * The rules are Istio's own, where they differ from those of the Gateway API too.
 */
import type { ObjectSet } from '../../objects/object.ts'
import { serviceRegistry } from '../backends/registry.ts'
import type { ObjectStatus } from '../status.ts'
import type { Translator } from '../translation.ts'
import type { Context } from './context.ts'
import { newCredentials } from '../credentials.ts'
import { destinationRules } from './destination-rules.ts'
import { newDestinations } from './destinations.ts'
import { serve, type ServedListeners } from './listeners.ts'
import { newReport } from '../report.ts'
import { bindServers, isSelected, selectedGateways, type BoundServer, type GatewayObject } from './servers.ts'
import { serviceEntryStatuses } from './service-entries.ts'
import type { GatewaySpec } from './spec.ts'
import { istioStatus } from './statuses.ts'
import { attachedTo, gatewayKey, sharedHosts } from './virtual-hosts.ts'
import { virtualServices, type VirtualService } from './virtual-services.ts'

export const translateIstio: Translator = (input) => {
  const report = newReport()
  const gateways = selectedGateways(input, report)
  const clients = clientNamespaces(input.objects, gateways)
  const credentials = newCredentials(input)
  const rules = destinationRules(input, clients, report)
  const registry = serviceRegistry(input.objects, input.options.domain)
  const destinations = newDestinations({ registry, rules, credentials, report })
  const context: Context = { ...input, report, destinations, credentials }

  const servers = bindServers(gateways, input.options.address, report)
  const services = virtualServices(input, report)
  const served = serve(servers, services, context)
  tellUnattached(services, servers, context)
  const policies = destinations.policies()
  rules.tellUnused()
  const statuses = statusesOf({ services, servers, served }, context)
  return {
    listeners: served.listeners,
    routeConfigurations: served.routeConfigurations,
    clusters: destinations.clusters(),
    secrets: credentials.secrets(),
    statuses,
    diagnostics: report.all(),
    policies,
    origins: new Map([...served.serverOf].map(([chain, { gateway }]) => [chain, gateway])),
  }
}

/** Namespaces of all Gateways, also those of the Gateway API, whose routes have DestinationRules too. */
function clientNamespaces(objects: ObjectSet, gateways: readonly GatewayObject[]): string[] {
  const others = objects.list('Gateway.gateway.networking.k8s.io')
  return [...new Set([...gateways, ...others].map(({ metadata }) => metadata.namespace))]
}

/** A VirtualService that no server comes to says why. */
function tellUnattached(
  services: readonly VirtualService[],
  servers: readonly BoundServer[],
  { objects, options, report }: Context,
): void {
  const known = new Map(
    objects.list<GatewaySpec>('Gateway.networking.istio.io').map((gateway) => [gatewayKey(gateway), gateway]),
  )
  for (const service of services) {
    if (service.gateways.length === 0) {
      report.warn(service.object, ['gateways'], {
        rule: 'virtual-service-for-mesh',
        message: 'it names no Gateway, so it is for sidecars only',
        hint: 'write gateways: [NAMESPACE/NAME]',
      })
      continue
    }
    for (const [index, name] of service.gateways.entries()) {
      const gateway = known.get(name)
      if (!gateway) {
        report.error(service.object, ['gateways', index], {
          rule: 'gateway-not-found',
          message: `Gateway ${name} does not exist`,
          ...(known.size > 0 && { hint: `there is ${[...known.keys()].join(', ')}` }),
        })
      } else if (!isSelected(gateway, options.labels)) continue
      else if (attachedTo(gateway, [service]).length === 0) {
        report.error(service.object, ['exportTo'], {
          rule: 'virtual-service-not-exported',
          message: `it is not exported to the namespace of Gateway ${name}`,
        })
      } else {
        const own = servers.filter((server) => server.gateway === gateway)
        if (own.length === 0 || own.some((server) => sharedHosts(server, service).length > 0)) continue
        report.error(service.object, ['hosts'], {
          rule: 'no-matching-host',
          message: `no server of Gateway ${name} has one of its hosts (${service.hosts.join(', ')})`,
          hint: `its servers have ${[...new Set(own.flatMap(({ hosts }) => hosts.map(({ host }) => host)))].join(', ')}`,
        })
      }
    }
  }
}

/** The rules that a server of its kind looks at. */
function rulesFor({ kind }: BoundServer, { http, tls, tcp }: VirtualService): readonly unknown[] {
  if (kind === 'http' || kind === 'https') return http
  return kind === 'passthrough' ? tls : tcp
}

interface Outcome {
  readonly services: readonly VirtualService[]
  readonly servers: readonly BoundServer[]
  readonly served: ServedListeners
}

function statusesOf({ services, servers, served }: Outcome, context: Context): ObjectStatus[] {
  const { objects, options, report } = context
  const entries = serviceEntryStatuses(context)
  const listenersOf = (some: readonly BoundServer[]) => [
    ...new Set(some.flatMap((server) => served.partsOf.get(server) ?? [])),
  ]
  const gateways = objects.list<GatewaySpec>('Gateway.networking.istio.io').map((gateway) => {
    const all = gateway.spec.servers?.length ?? 0
    const listening = servers.filter((server) => server.gateway === gateway && served.partsOf.has(server))
    const isOurs = isSelected(gateway, options.labels)
    return istioStatus(
      {
        object: gateway,
        isReconciled: isOurs && all > 0 && listening.length === all,
        message: isOurs
          ? `${listening.length} of ${all} servers are served`
          : 'its selector does not fit this proxy',
        ...(!isOurs && { reason: 'NotSelected' }),
        listeners: listenersOf(listening),
      },
      report,
    )
  })
  const virtual = services.map((service) => {
    const reached = servers.filter(
      (server) =>
        served.partsOf.has(server) &&
        rulesFor(server, service).length > 0 &&
        attachedTo(server.gateway, [service]).length > 0 &&
        sharedHosts(server, service).length > 0,
    )
    return istioStatus(
      {
        object: service.object,
        isReconciled: reached.length > 0,
        message:
          reached.length > 0
            ? `served by ${[...new Set(reached.map(({ gateway }) => gatewayKey(gateway)))].join(', ')}`
            : 'no server of a Gateway takes its hosts and rules',
        listeners: listenersOf(reached),
      },
      report,
    )
  })
  const rules = objects.list('DestinationRule.networking.istio.io').map((object) => {
    const isReconciled = !report.of(object).some(({ rule }) => rule === 'destination-rule-without-effect')
    return istioStatus(
      { object, isReconciled, message: isReconciled ? 'in use' : 'it holds for no service' },
      report,
    )
  })
  return [...gateways, ...virtual, ...rules, ...entries]
}
