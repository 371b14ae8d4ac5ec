/** What a backendRef means: a cluster, or why not. */
import type { Cluster } from '../../model/index.ts'
import type { KubeObject } from '../../objects/object.ts'
import { clusterName, clusterOf } from '../backends/cluster.ts'
import { findPort, speaksHttp2, type Service, type ServicePort } from '../backends/service.ts'
import { envoyBackend } from './envoy-backend.ts'
import { problem, type Problem } from './conditions.ts'
import type { Context } from './context.ts'
import { referrerOf, type GatewayState } from './listener-state.ts'
import type { Reference } from './specs.ts'

/** Where a reference is written and what will be sent over it. */
export interface BackendUse {
  readonly route: KubeObject
  /** nothing: the route is at no Gateway, only its references are judged */
  readonly gateway?: GatewayState
  readonly path: readonly (string | number)[]
  readonly traffic: 'http' | 'grpc' | 'tcp' | 'tls' | 'udp'
}

/** `{cluster}` names one that is in the output; a problem has a reason of the ResolvedRefs condition. */
export function resolveBackend(
  context: Context,
  use: BackendUse,
  reference: Reference,
): { readonly cluster: string } | Problem {
  const own = use.route.metadata.namespace
  const { group = '', kind = 'Service', name, namespace = own } = reference
  const type = kindOf(group, kind)
  if (type === undefined) {
    return problem('InvalidKind', `a backend is a Service, not a ${kind} of group "${group}"`)
  }
  if (type === 'host') return hostBackend(context, use, reference)
  if (!context.grants(referrerOf(use.route), { group, kind, namespace, name })) {
    return problem(
      'RefNotPermitted',
      `no ReferenceGrant in namespace ${namespace} lets a ${use.route.kind} of ${own} refer to ${kind} ${name}`,
    )
  }
  if (type === 'backend') return envoyBackend(context, use, { namespace, name })
  const service = context.services.service(namespace, name)
  if (service === undefined) {
    return problem('BackendNotFound', `Service ${namespace}/${name} is not there`)
  }
  return serviceBackend(context, use, service, reference.port)
}

function kindOf(group: string, kind: string): 'service' | 'host' | 'backend' | undefined {
  switch (`${group}/${kind}`) {
    case '/Service':
      return 'service'
    case 'networking.istio.io/Hostname':
      return 'host'
    case 'gateway.envoyproxy.io/Backend':
      return 'backend'
    default:
      return undefined
  }
}

/** `kind: Hostname, group: networking.istio.io`: the host of a ServiceEntry or of a Service, as Istio has it. */
function hostBackend(context: Context, use: BackendUse, reference: Reference): { cluster: string } | Problem {
  const service = context.services.host(reference.name, use.route.metadata.namespace)
  if (service === undefined) {
    return problem('BackendNotFound', `no ServiceEntry or Service has the host ${reference.name}`)
  }
  return serviceBackend(context, use, service, reference.port)
}

function serviceBackend(
  context: Context,
  use: BackendUse,
  service: Service,
  number: number | undefined,
): { cluster: string } | Problem {
  const { kind, metadata } = service.object
  const label = `${kind} ${metadata.namespace}/${metadata.name}`
  if (number === undefined) return problem('BackendNotFound', `a reference to ${label} needs a port`)
  const transport = use.traffic === 'udp' ? 'udp' : 'tcp'
  const port = findPort(service, number, transport)
  if (port === undefined) {
    const ports = service.ports.map((candidate) => candidate.number).join(', ') || 'none'
    return problem(
      'BackendNotFound',
      `${label} has no ${transport.toUpperCase()} port ${number}; its ports: ${ports}`,
    )
  }
  const unsupported = protocolProblem(use, port)
  if (unsupported) return problem('UnsupportedProtocol', `${label} port ${number}: ${unsupported}`)
  if (use.gateway === undefined) return { cluster: clusterName(service.host, number) }
  const cluster = addCluster(context, use, use.gateway, { service, port })
  if (context.output.isEmpty(cluster) && service.discovery !== 'dynamic-dns') {
    context.output.report(use.route, use.path, {
      severity: 'warning',
      rule: 'no-endpoints',
      message: `${label} has no endpoints for port ${number}: ${service.why ?? 'none is ready'}`,
      hint: `write an EndpointSlice, or the annotation slipway.dev/endpoints: HOST:PORT on the Service`,
    })
  }
  if (wantsTls(port) && !context.output.hasTls(cluster)) {
    context.output.report(use.route, use.path, {
      severity: 'warning',
      rule: 'backend-without-tls',
      message: `${label} port ${number} says appProtocol ${port.appProtocol}, and is spoken to in plain text`,
      hint: 'write a BackendTLSPolicy for it',
    })
  }
  return { cluster }
}

function wantsTls({ appProtocol }: ServicePort): boolean {
  return ['https', 'kubernetes.io/wss'].includes(appProtocol?.toLowerCase() ?? '')
}

function addCluster(
  { output, policies }: Context,
  { traffic }: BackendUse,
  gateway: GatewayState,
  { service, port }: { service: Service; port: ServicePort },
): string {
  const passes = traffic === 'tls' || traffic === 'udp'
  const tls = passes ? undefined : policies.tlsFor(gateway, service.object, port.name)
  const becomesHttp2 = traffic === 'grpc' && !speaksHttp2(port)
  const { namespace, name } = gateway.object.metadata
  const parts = [
    clusterName(service.host, port.number),
    ...(becomesHttp2 ? ['h2'] : []),
    ...(traffic === 'udp' ? ['udp'] : traffic === 'tls' ? ['raw'] : []),
    ...(tls?.clientCertificate === undefined ? [] : [`Gateway/${namespace}/${name}`]),
  ]
  return output.cluster(parts.join('|'), (): Cluster => ({
    ...clusterOf(service, port),
    name: parts.join('|'),
    ...(tls === undefined ? {} : { tls }),
    ...(becomesHttp2 ? { protocol: 'h2' } : {}),
  }))
}

/** Protocols of ports that do not carry HTTP. */
const notHttp = [
  'tcp',
  'udp',
  'tls',
  'mongo',
  'mysql',
  'postgres',
  'postgresql',
  'redis',
  'amqp',
  'kafka',
  'dns',
]

function protocolProblem({ traffic }: BackendUse, { appProtocol }: ServicePort): string | undefined {
  if (appProtocol === undefined || (traffic !== 'http' && traffic !== 'grpc')) return undefined
  if (notHttp.includes(appProtocol.toLowerCase())) return `appProtocol ${appProtocol} carries no HTTP`
  const known = ['kubernetes.io/h2c', 'kubernetes.io/ws', 'kubernetes.io/wss']
  if (appProtocol.startsWith('kubernetes.io/') && !known.includes(appProtocol)) {
    return `appProtocol ${appProtocol} is unknown`
  }
  return undefined
}
