/** Services of Kubernetes with the endpoints of their EndpointSlices, an annotation, or an external name. */
import { isIP } from 'node:net'
import type { KubeObject, ObjectSet } from '../../objects/object.ts'
import { location } from './location.ts'
import { portProtocol, type Service, type ServiceEndpoint, type ServicePort } from './service.ts'
import { workloadEndpoints, workloadSelection, type Workload } from './workloads.ts'

/**
 * Where a Service without EndpointSlices is found: `HOST[:PORT]`, several with commas; the port's default is the
 * numeric `targetPort`, else `port`. `PORTNAME=HOST:PORT` is for one port only. Outside a cluster nobody makes slices.
 */
export const endpointsAnnotation = 'slipway.dev/endpoints'

interface ServiceSpec {
  readonly selector?: Readonly<Record<string, string>>
  readonly type?: string
  readonly externalName?: string
  readonly ports?: readonly SpecPort[]
}

interface SpecPort {
  readonly name?: string
  readonly port: number
  readonly protocol?: string
  readonly targetPort?: number | string
  readonly appProtocol?: string
}

interface SlicePort {
  readonly name?: string | null
  readonly port?: number | null
  readonly protocol?: string | null
}

interface SliceEndpoint {
  readonly addresses: readonly string[]
  readonly conditions?: { readonly ready?: boolean | null }
  readonly targetRef?: { readonly name?: string }
  readonly hostname?: string
  readonly zone?: string
}

/** All Services, in the order of the object set; their endpoints are those of EndpointSlices and of WorkloadEntries. `domain`: `cluster.local`. */
export function kubernetesServices(objects: ObjectSet, domain: string): Service[] {
  const select = workloadSelection(objects)
  const slices = Map.groupBy(objects.list('EndpointSlice.discovery.k8s.io'), (slice) =>
    key(slice.metadata.namespace, slice.metadata.labels['kubernetes.io/service-name'] ?? ''),
  )
  return objects.list<ServiceSpec>('Service').map((object) => {
    const { name, namespace } = object.metadata
    const { selector } = object.spec
    const found: Found = {
      slices: slices.get(key(namespace, name)) ?? [],
      workloads: selector && Object.keys(selector).length > 0 ? select(namespace, selector) : [],
    }
    return serviceOf(object, found, domain)
  })
}

interface Found {
  readonly slices: readonly KubeObject[]
  readonly workloads: readonly Workload[]
}

function serviceOf(object: KubeObject<ServiceSpec>, { slices, workloads }: Found, domain: string): Service {
  const { name, namespace, annotations } = object.metadata
  const { type, externalName, ports = [] } = object.spec
  const targets = new Map<ServicePort, number>()
  const service = {
    host: `${name}.${namespace}.svc.${domain}`,
    namespace,
    object,
    ports: ports.map((port) => {
      const made = servicePort(port)
      targets.set(made, typeof port.targetPort === 'number' ? port.targetPort : port.port)
      return made
    }),
  }
  const target = (port: ServicePort) => targets.get(port) ?? port.number
  if (type === 'ExternalName' && externalName !== undefined) {
    const address = externalName.replace(/\.$/, '')
    const endpoints = (port: ServicePort) => [{ ...location(address), port: target(port), labels: {} }]
    return { ...service, endpoints, ...(ports.length === 0 ? { hasEveryPort: true } : {}) }
  }
  if (slices.length + workloads.length > 0) {
    const endpoints = (port: ServicePort) => [
      ...slices.flatMap((slice) => endpointsOfSlice(slice, port)),
      ...workloads.flatMap((workload) => workloadEndpoints(workload, port, target(port))),
    ]
    return { ...service, endpoints, why: 'no endpoint of its EndpointSlices is ready at this port' }
  }
  const annotation = annotations[endpointsAnnotation]
  if (annotation !== undefined) {
    const endpoints = (port: ServicePort) => endpointsOfAnnotation(annotation, port, target(port))
    return { ...service, endpoints, why: `the annotation ${endpointsAnnotation} names none for this port` }
  }
  return {
    ...service,
    endpoints: () => [],
    why: 'no EndpointSlice has the label kubernetes.io/service-name for it',
  }
}

function servicePort(port: SpecPort): ServicePort {
  return {
    number: port.port,
    name: port.name ?? '',
    transport: port.protocol === 'UDP' ? 'udp' : 'tcp',
    protocol: portProtocol(port.name ?? '', port.appProtocol),
    ...(port.appProtocol === undefined ? {} : { appProtocol: port.appProtocol }),
  }
}

function endpointsOfSlice(slice: KubeObject, port: ServicePort): ServiceEndpoint[] {
  const ports = (slice.rest['ports'] ?? []) as readonly SlicePort[]
  const at = ports.find(
    ({ name, protocol }) =>
      (name ?? '') === port.name && (protocol ?? 'TCP').toLowerCase() === port.transport,
  )
  if (typeof at?.port !== 'number') return []
  const number = at.port
  const endpoints = (slice.rest['endpoints'] ?? []) as readonly SliceEndpoint[]
  return endpoints.flatMap(({ addresses, conditions, targetRef, hostname, zone }) => {
    const address = addresses[0]
    if (address === undefined || conditions?.ready === false) return []
    const label = targetRef?.name ?? hostname
    return [
      {
        ...location(address),
        port: number,
        labels: slice.metadata.labels,
        ...(label === undefined ? {} : { label }),
        ...(zone === undefined ? {} : { locality: zone }),
      },
    ]
  })
}

function endpointsOfAnnotation(text: string, port: ServicePort, target: number): ServiceEndpoint[] {
  return text
    .split(',')
    .map((item) => item.trim())
    .flatMap((item) => {
      const [, name, at] = /^(?:([^=]+)=)?(.+)$/.exec(item) ?? []
      if (at === undefined || (name !== undefined && name !== port.name)) return []
      const { host, port: number } = hostAndPort(at)
      return [{ ...location(host), port: number ?? target, labels: {} }]
    })
}

/** `127.0.0.1:80`, `[::1]:80`, `web`, `unix:/run/web.sock` */
function hostAndPort(text: string): { host: string; port?: number } {
  if (text.startsWith('unix:') || isIP(text) !== 0) return { host: text }
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d+))?$/.exec(text) ?? []
  return { host: bracketed ?? plain ?? text, ...(port === undefined ? {} : { port: Number(port) }) }
}

const key = (namespace: string, name: string) => `${namespace}/${name}`
