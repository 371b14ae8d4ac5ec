import type { Cluster, ForwardAction } from '../../model/index.ts'
import { clusterOf } from '../backends/cluster.ts'
import type { ServiceRegistry } from '../backends/registry.ts'
import { findPort, type Service, type ServicePort } from '../backends/service.ts'
import type { FieldPath, Report } from '../report.ts'
import type { IngressBackend, IngressObject } from './spec.ts'

export interface Backends {
  /** What cannot be found answers 503 and is told at `path`. */
  readonly forward: (backend: IngressBackend, ingress: IngressObject, path: FieldPath) => ForwardAction
  readonly clusters: () => readonly Cluster[]
}

export function newBackends(registry: ServiceRegistry, report: Report): Backends {
  const clusters = new Map<string, Cluster>()
  const resolve = (backend: IngressBackend, ingress: IngressObject, path: FieldPath) => {
    const fail = (rule: string, message: string, steps: FieldPath = []) => {
      report.error(ingress, [...path, ...steps], { rule, message: `${message}, so requests get 503` })
      return { status: 503, why: message }
    }
    const { service: wanted, resource } = backend
    if (!wanted) {
      const what = resource
        ? `a ${resource.kind} as backend is not known here`
        : 'the backend names no service'
      return fail('unsupported-backend', what, resource ? ['resource'] : [])
    }
    const { namespace } = ingress.metadata
    const service = registry.service(namespace, wanted.name)
    if (!service) {
      return fail('backend-not-found', `Service ${namespace}/${wanted.name} does not exist`, [
        'service',
        'name',
      ])
    }
    const port = portOf(service, wanted.port)
    if (!port) {
      const asked = wanted.port?.name ?? wanted.port?.number ?? ''
      return fail('port-not-found', `Service ${namespace}/${wanted.name} has no port ${asked}`, [
        'service',
        'port',
      ])
    }
    const cluster = clusterOf(service, port)
    clusters.set(cluster.name, cluster)
    if (cluster.endpoints.length === 0) {
      report.warn(ingress, path, {
        rule: 'no-endpoints',
        message: `Service ${namespace}/${wanted.name} has no endpoints, so requests get 503`,
        ...(service.why !== undefined && { hint: service.why }),
      })
    }
    return { cluster: cluster.name }
  }
  return {
    clusters: () => [...clusters.values()],
    forward: (backend, ingress, path) => ({
      kind: 'forward',
      targets: [{ weight: 1, to: resolve(backend, ingress, path) }],
      noTargetStatus: 503,
    }),
  }
}

function portOf(
  service: Service,
  wanted: { readonly name?: string; readonly number?: number } | undefined,
): ServicePort | undefined {
  if (wanted?.name !== undefined) return service.ports.find(({ name }) => name === wanted.name)
  return wanted?.number === undefined ? undefined : findPort(service, wanted.number, 'tcp')
}
