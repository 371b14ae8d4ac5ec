/** From a host, port and subset to a cluster: the one way for HTTP, TLS and TCP routes. */
import type { Cluster, ForwardTarget } from '../../model/index.ts'
import type { KubeObject } from '../../objects/object.ts'
import { clusterName, clusterOfEndpoints } from '../backends/cluster.ts'
import type { ServiceRegistry } from '../backends/registry.ts'
import { findPort, type Service, type ServicePort } from '../backends/service.ts'
import { translateClientTls } from './client-tls.ts'
import type { Part } from './context.ts'
import { below } from './context.ts'
import type { Credentials } from '../credentials.ts'
import {
  effectivePolicy,
  type DestinationRules,
  type EffectivePolicy,
  type MergedRule,
  type PlacedSubset,
} from './destination-rules.ts'
import type { Report } from '../report.ts'
import type { Destination } from './spec.ts'
import {
  translateConnectionPool,
  translateLoadBalancer,
  translateOutlierDetection,
} from './traffic-policy.ts'

export interface ResolvedDestination {
  readonly to: Extract<ForwardTarget['to'], { cluster: string } | { status: number }>
  /** the endpoint is chosen by a hash of the request */
  readonly isHashed: boolean
  /** `connectionPool.tcp.idleTimeout`, for TCP */
  readonly idleTimeoutMs?: number
}

export interface Destinations {
  /** What cannot be found answers 503, as in Istio, and is told at `part`. */
  readonly resolve: (
    destination: Destination,
    scope: { readonly port: number; readonly namespace: string },
    part: Part,
  ) => ResolvedDestination
  /** all clusters that destinations came to */
  readonly clusters: () => readonly Cluster[]
  /** what DestinationRules say of services without a subset, by the name of the cluster */
  readonly policies: () => ReadonlyMap<string, Partial<Cluster>>
  /** objects that are a destination: ServiceEntries and Services */
  readonly used: () => ReadonlySet<KubeObject>
}

export interface DestinationsInput {
  readonly registry: ServiceRegistry
  readonly rules: DestinationRules
  readonly credentials: Credentials
  readonly report: Report
}

export function newDestinations(input: DestinationsInput): Destinations {
  const clusters = new Map<string, Cluster>()
  const used = new Set<KubeObject>()
  const fail = (part: Part, rule: string, message: string, hint?: string): ResolvedDestination => {
    input.report.error(part.object, part.path, { rule, message, ...(hint !== undefined && { hint }) })
    return { to: { status: 503, why: message }, isHashed: false }
  }
  return {
    clusters: () => [...clusters.values()],
    used: () => used,
    policies: () => clusterPolicies(input),
    resolve: (destination, { port, namespace }, part) => {
      const service = input.registry.host(destination.host, namespace)
      if (!service) {
        return fail(
          below(part, 'host'),
          'destination-not-found',
          `no ServiceEntry and no Service has the host ${destination.host}`,
          'hosts without a dot are Services of the namespace; others need a ServiceEntry',
        )
      }
      used.add(service.object)
      const servicePort = portOf(service, destination.port?.number, port)
      if (!servicePort) {
        const ports = service.ports.map(({ number }) => number).join(', ')
        return fail(
          below(part, 'port'),
          'port-not-found',
          `${service.host} has no port ${destination.port?.number ?? port}, only ${ports === '' ? 'none' : ports}`,
          destination.port ? undefined : 'a destination whose service has several ports needs port.number',
        )
      }
      const rule = input.rules.of(service)
      const subset = destination.subset
        ? rule?.subsets.find((candidate) => candidate.subset.name === destination.subset)
        : undefined
      if (destination.subset && !subset) {
        return fail(
          below(part, 'subset'),
          'subset-not-found',
          `no DestinationRule of ${service.host} has the subset ${destination.subset}`,
        )
      }
      const made = makeCluster(service, servicePort, { rule, subset }, input)
      clusters.set(made.cluster.name, made.cluster)
      if (made.cluster.endpoints.length === 0) {
        input.report.warn(part.object, part.path, {
          rule: 'no-endpoints',
          message: `${service.host} port ${servicePort.number}${subset ? ` subset ${subset.subset.name}` : ''} has no endpoints, so requests get 503`,
          ...(service.why !== undefined && { hint: service.why }),
        })
      }
      const idleTimeoutMs = made.cluster.limits?.idleTimeoutMs
      return {
        to: { cluster: made.cluster.name },
        isHashed: made.cluster.loadBalancer?.hash !== undefined,
        ...(idleTimeoutMs !== undefined && { idleTimeoutMs }),
      }
    },
  }
}

function clusterPolicies(input: DestinationsInput): Map<string, Partial<Cluster>> {
  const policies = new Map<string, Partial<Cluster>>()
  for (const service of input.registry.all) {
    const rule = input.rules.of(service)
    if (!rule) continue
    for (const { number } of service.ports) {
      const policy = effectivePolicy(rule, undefined, number)
      policies.set(clusterName(service.host, number), policyFields(policy, service, input))
    }
  }
  return policies
}

/** The port that is named, else the only one, else that of the listener. */
function portOf(service: Service, wanted: number | undefined, listener: number): ServicePort | undefined {
  if (wanted === undefined && service.ports.length === 1) return service.ports[0]
  return findPort(service, wanted ?? listener, 'tcp')
}

function makeCluster(
  service: Service,
  port: ServicePort,
  { rule, subset }: { readonly rule: MergedRule | undefined; readonly subset: PlacedSubset | undefined },
  input: DestinationsInput,
): { cluster: Cluster } {
  const labels = Object.entries(subset?.subset.labels ?? {})
  const endpoints = service
    .endpoints(port)
    .filter((endpoint) => labels.every(([name, value]) => endpoint.labels[name] === value))
  const base = clusterOfEndpoints(service, port, endpoints, subset?.subset.name ?? '')
  const policy = effectivePolicy(rule, subset, port.number)
  tellWithoutEffect(rule, subset, input.report)
  return { cluster: { ...base, ...policyFields(policy, service, input) } }
}

function policyFields(policy: EffectivePolicy, service: Service, input: DestinationsInput): Partial<Cluster> {
  const { loadBalancer, connectionPool, outlierDetection, tls } = policy.blocks
  const balancer = loadBalancer && translateLoadBalancer(loadBalancer.value, input, loadBalancer)
  const scope = { ...input, subjectAltNames: service.subjectAltNames ?? [] }
  const upstream = tls && translateClientTls(tls.value, scope, tls)
  return {
    ...(balancer && { loadBalancer: balancer }),
    ...(connectionPool && translateConnectionPool(connectionPool.value, input, connectionPool)),
    ...(outlierDetection && {
      outlierDetection: translateOutlierDetection(outlierDetection.value, input, outlierDetection),
    }),
    ...(upstream && { tls: upstream }),
    ...(policy.proxyProtocol && { proxyProtocol: policy.proxyProtocol }),
  }
}

function tellWithoutEffect(
  rule: MergedRule | undefined,
  subset: PlacedSubset | undefined,
  report: Report,
): void {
  const levels = [
    rule?.policy && { ...rule.policy },
    subset?.subset.trafficPolicy && {
      policy: subset.subset.trafficPolicy,
      object: subset.object,
      path: [...subset.path, 'trafficPolicy'],
    },
  ]
  for (const level of levels) {
    if (level?.policy.tunnel)
      report.ignored(level.object, [...level.path, 'tunnel'], 'tunnels are for sidecars')
    if (level?.policy.retryBudget) {
      report.ignored(level.object, [...level.path, 'retryBudget'], 'write connectionPool.http.maxRetries')
    }
  }
}
