/** Hosts of Istio ServiceEntries, with their own endpoints or those of WorkloadEntries. */
import type { KubeObject, ObjectSet } from '../../objects/object.ts'
import { location } from './kubernetes-services.ts'
import { portProtocol, type Service, type ServiceEndpoint, type ServicePort } from './service.ts'

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

interface Workload {
  readonly address?: string
  readonly ports?: Readonly<Record<string, number>>
  readonly labels?: Readonly<Record<string, string>>
  readonly locality?: string
  readonly weight?: number
}

const discoveries: Readonly<Record<string, Service['discovery']>> = {
  DNS: 'strict-dns',
  DNS_ROUND_ROBIN: 'logical-dns',
  DYNAMIC_DNS: 'dynamic-dns',
}

/** One service for each host of each ServiceEntry, oldest first. */
export function serviceEntryServices(objects: ObjectSet): Service[] {
  const workloads = Map.groupBy(
    objects.list<Workload>('WorkloadEntry.networking.istio.io'),
    ({ metadata }) => metadata.namespace,
  )
  return objects.list<ServiceEntrySpec>('ServiceEntry.networking.istio.io').flatMap((object) => {
    const { spec, metadata } = object
    const targets = new Map<ServicePort, EntryPort>()
    const ports = (spec.ports ?? []).map((port) => {
      const made = entryPort(port)
      targets.set(made, port)
      return made
    })
    const selected = selectedWorkloads(spec, workloads.get(metadata.namespace) ?? [])
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
        endpoints: (port) => all.flatMap((workload) => endpointOf(workload, port, targets.get(port))),
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

function selectedWorkloads(
  spec: ServiceEntrySpec,
  workloads: readonly KubeObject<Workload>[],
): Workload[] | undefined {
  if (spec.workloadSelector === undefined) return undefined
  const wanted = Object.entries(spec.workloadSelector.labels ?? {})
  return workloads
    .map(({ spec: workload, metadata }) => ({
      ...workload,
      labels: { ...metadata.labels, ...workload.labels },
    }))
    .filter(({ labels }) => wanted.every(([name, value]) => labels[name] === value))
}

/** The port of an endpoint: a socket has none; else `ports[name]`, else `targetPort`, else the port's own number. */
function endpointOf(workload: Workload, port: ServicePort, entry: EntryPort | undefined): ServiceEndpoint[] {
  const address = workload.address?.replace(/^unix:\/\//, 'unix:')
  if (address === undefined || address === '') return []
  const number = workload.ports?.[port.name] ?? entry?.targetPort ?? port.number
  return [
    {
      ...location(address),
      port: address.startsWith('unix:') ? 0 : number,
      labels: workload.labels ?? {},
      ...(workload.weight === undefined ? {} : { weight: workload.weight }),
      ...(workload.locality === undefined ? {} : { locality: workload.locality }),
    },
  ]
}

function whyNone(spec: ServiceEntrySpec): string {
  if (spec.workloadSelector !== undefined) return 'no WorkloadEntry has the labels of its workloadSelector'
  return spec.resolution === undefined || spec.resolution === 'NONE'
    ? 'resolution NONE needs endpoints at a gateway: write DNS or STATIC'
    : 'it has no endpoints'
}
