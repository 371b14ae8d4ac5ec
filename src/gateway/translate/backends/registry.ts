import type { ObjectSet } from '../../objects/object.ts'
import { kubernetesServices } from './kubernetes-services.ts'
import type { Service } from './service.ts'
import { serviceEntryServices } from './service-entries.ts'

/** Every destination there is, by object and by host. */
export interface ServiceRegistry {
  /** a Service of Kubernetes */
  readonly service: (namespace: string, name: string) => Service | undefined
  /**
   * What a host means to a route in `namespace`: a Service of Kubernetes before any ServiceEntry; then the namespace's
   * own, then the oldest that is exported to it; exact before wildcard, longest wildcard first.
   */
  readonly host: (host: string, namespace: string) => Service | undefined
  readonly all: readonly Service[]
}

/** `domain`: DNS domain of short names, `cluster.local`. */
export function serviceRegistry(objects: ObjectSet, domain: string): ServiceRegistry {
  const services = kubernetesServices(objects, domain)
  const all = [...services, ...serviceEntryServices(objects)]
  const byName = new Map(
    services.map((service) => [`${service.namespace}/${service.object.metadata.name}`, service]),
  )
  const byHost = Map.groupBy(all, ({ host }) => host)
  const visible = (host: string, namespace: string) => {
    const seen = (byHost.get(host) ?? []).filter((service) => isExported(service, namespace))
    const kubernetes = seen.find(({ object }) => object.kind === 'Service')
    return kubernetes ?? seen.find((service) => service.namespace === namespace) ?? seen[0]
  }
  return {
    all,
    service: (namespace, name) => byName.get(`${namespace}/${name}`),
    host: (host, namespace) => {
      for (const pattern of patternsOf(host.toLowerCase())) {
        const found = visible(pattern, namespace)
        if (found) return found
      }
      return undefined
    },
  }
}

function isExported(service: Service, namespace: string): boolean {
  const { exportTo } = service
  if (exportTo === undefined || exportTo.length === 0) return true
  return exportTo.some(
    (to) => to === '*' || to === namespace || (to === '.' && service.namespace === namespace),
  )
}

/** `a.b.c`, `*.b.c`, `*.c`, `*` */
function patternsOf(host: string): string[] {
  const labels = host.split('.')
  return [host, ...labels.map((_, at) => ['*', ...labels.slice(at + 1)].join('.'))]
}
