/** Hosts of Istio ServiceEntries, with their own endpoints or those of WorkloadEntries. */
import type { ObjectSet } from '../../objects/object.ts'
import { portProtocol, type Service, type ServicePort } from './service.ts'
import { workloadEndpoints, workloadSelection, type Workload } from './workloads.ts'

interface ServiceEntrySpec {
  readonly hosts: readonly string[]
  readonly ports?: readonly EntryPort[]
  readonly resolution?: string
  readonly endpoints?: readonly Workload[]
  readonly workloadSelector?: { readonly labels?: Readonly<Record<string, string>> }
  readonly exportTo?: readonly string[]
  readonly subjectAltNames?: readonly string[]
}

interface EntryPort {
  readonly number: number
  readonly name: string
  readonly protocol?: string
  readonly targetPort?: number
}

const discoveries: Readonly<Record<string, Service['discovery']>> = {
  DNS: 'strict-dns',
  DNS_ROUND_ROBIN: 'logical-dns',
  DYNAMIC_DNS: 'dynamic-dns',
}

/** One service for each host of each ServiceEntry, oldest first. */
export function serviceEntryServices(objects: ObjectSet): Service[] {
  const select = workloadSelection(objects)
  return objects.list<ServiceEntrySpec>('ServiceEntry.networking.istio.io').flatMap((object) => {
    const { spec, metadata } = object
    const targets = new Map<ServicePort, EntryPort>()
    const ports = (spec.ports ?? []).map((port) => {
      const made = entryPort(port)
      targets.set(made, port)
      return made
    })
    const { workloadSelector } = spec
    const selected = workloadSelector && select(metadata.namespace, workloadSelector.labels ?? {})
    return spec.hosts.map((host): Service => {
      const discovery = discoveries[spec.resolution ?? 'NONE']
      const own = selected ?? spec.endpoints ?? []
      const all: readonly Workload[] = own.length === 0 && discovery !== undefined ? [{ address: host }] : own
      return {
        host: host.toLowerCase(),
        namespace: metadata.namespace,
        object,
        ports,
        ...(spec.exportTo === undefined ? {} : { exportTo: spec.exportTo }),
        ...(discovery === undefined ? {} : { discovery }),
        ...(spec.subjectAltNames === undefined ? {} : { subjectAltNames: spec.subjectAltNames }),
        endpoints: (port) =>
          all.flatMap((workload) =>
            workloadEndpoints(workload, port, targets.get(port)?.targetPort ?? port.number),
          ),
        why: whyNone(spec),
      }
    })
  })
}

function entryPort(port: EntryPort): ServicePort {
  return {
    number: port.number,
    name: port.name,
    transport: port.protocol?.toUpperCase() === 'UDP' ? 'udp' : 'tcp',
    protocol: portProtocol(port.name, undefined, port.protocol),
  }
}

function whyNone(spec: ServiceEntrySpec): string {
  if (spec.workloadSelector !== undefined) return 'no WorkloadEntry has the labels of its workloadSelector'
  return spec.resolution === undefined || spec.resolution === 'NONE'
    ? 'resolution NONE needs endpoints at a gateway: write DNS or STATIC'
    : 'it has no endpoints'
}
