import { isIP } from 'node:net'
import type { Cluster, Endpoint } from '../../model/index.ts'
import { speaksHttp2, type Service, type ServiceEndpoint, type ServicePort } from './service.ts'

/** `outbound|PORT|SUBSET|HOST`, as Istio names it; the subset is empty for all endpoints. */
export function clusterName(host: string, port: number, subset = ''): string {
  return `outbound|${port}|${subset}|${host}`
}

/** The cluster of all ready endpoints of a service at a port; no endpoint is a cluster that answers 503. */
export function clusterOf(service: Service, port: ServicePort): Cluster {
  return clusterOfEndpoints(service, port, service.endpoints(port))
}

/** The cluster of some endpoints, such as those of a subset. */
export function clusterOfEndpoints(
  service: Service,
  port: ServicePort,
  endpoints: readonly ServiceEndpoint[],
  subset = '',
): Cluster {
  const hasName = endpoints.some(({ address }) => isIP(address) === 0 && !address.startsWith('unix:'))
  return {
    name: clusterName(service.host, port.number, subset),
    discovery: service.discovery ?? (hasName ? 'strict-dns' : 'static'),
    endpoints: endpoints.map(plainEndpoint),
    ...(speaksHttp2(port) ? { protocol: 'h2' } : {}),
  }
}

/** Without the labels, which the model does not have. */
function plainEndpoint(endpoint: ServiceEndpoint): Endpoint {
  const plain: Endpoint & { labels?: unknown } = { ...endpoint }
  delete plain.labels
  return plain
}
