import type { Endpoint } from '../../model/index.ts'
import type { KubeObject } from '../../objects/object.ts'

/** A destination by its host: a Service of Kubernetes, or a host of an Istio ServiceEntry. */
export interface Service {
  /** `web.default.svc.cluster.local`, or the host as the ServiceEntry has it; lower case, may be `*.example.com` */
  readonly host: string
  readonly namespace: string
  readonly object: KubeObject
  readonly ports: readonly ServicePort[]
  /** an ExternalName that lists no ports, and so has every one */
  readonly hasEveryPort?: boolean
  /** namespaces that see it; nothing: all */
  readonly exportTo?: readonly string[]
  /** how `endpoints` become connections; default `static`, or `strict-dns` when an address is a name */
  readonly discovery?: 'strict-dns' | 'logical-dns' | 'dynamic-dns'
  /** names that a certificate of its endpoints may have (ServiceEntry `subjectAltNames`) */
  readonly subjectAltNames?: readonly string[]
  /** endpoints that are ready, at their own port */
  readonly endpoints: (port: ServicePort) => readonly ServiceEndpoint[]
  /** why there are no endpoints, and what to do; for a diagnostic */
  readonly why?: string
}

export interface ServicePort {
  readonly number: number
  /** `''` for the only port without a name */
  readonly name: string
  readonly transport: 'tcp' | 'udp'
  /** `appProtocol` as it is written: `kubernetes.io/h2c`, `grpc` */
  readonly appProtocol?: string
  /** protocol as Istio has it: `appProtocol`, else ServiceEntry `protocol`, else the name up to its `-`; lower case */
  readonly protocol: string
}

export interface ServiceEndpoint extends Endpoint {
  /** for the subsets of a DestinationRule: labels of the WorkloadEntry, or of the EndpointSlice it is in */
  readonly labels: Readonly<Record<string, string>>
}

/** The protocol of a port by Istio's rule: `appProtocol` first, then the name up to its first `-`. */
export function portProtocol(name: string, appProtocol?: string, protocol?: string): string {
  const word = appProtocol ?? protocol ?? name.split('-')[0] ?? ''
  return word.toLowerCase().replace(/^kubernetes\.io\//, '')
}

/** A port by its number. */
export function findPort(
  { ports, hasEveryPort = false }: Service,
  number: number,
  transport: ServicePort['transport'],
): ServicePort | undefined {
  const found = ports.find((port) => port.number === number && port.transport === transport)
  return found ?? (hasEveryPort ? { number, name: '', transport, protocol: '' } : undefined)
}

/** True for ports whose backend speaks HTTP/2 from the first byte. */
export function speaksHttp2(port: ServicePort): boolean {
  return ['h2c', 'http2', 'grpc', 'grpc-web'].includes(port.protocol)
}
