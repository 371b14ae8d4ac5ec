/** Istio WorkloadEntries: endpoints that ServiceEntries and Services of Kubernetes select by labels. */
import type { KubeObject, ObjectSet } from '../../objects/object.ts'
import { location } from './location.ts'
import type { ServiceEndpoint, ServicePort } from './service.ts'

/** Spec of a WorkloadEntry, and an endpoint of a ServiceEntry. */
export interface Workload {
  readonly address?: string
  readonly ports?: Readonly<Record<string, number>>
  readonly labels?: Labels
  readonly locality?: string
  readonly weight?: number
}

type Labels = Readonly<Record<string, string>>

/** Workloads of a namespace that have all of the labels. */
export type SelectWorkloads = (namespace: string, labels: Labels) => Workload[]

/** Labels of the object go before those of its spec. */
export function workloadSelection(objects: ObjectSet): SelectWorkloads {
  const byNamespace = Map.groupBy(
    objects.list<Workload>('WorkloadEntry.networking.istio.io'),
    ({ metadata }) => metadata.namespace,
  )
  return (namespace, wanted) =>
    (byNamespace.get(namespace) ?? [])
      .map(labelled)
      .filter(({ labels }) => Object.entries(wanted).every(([name, value]) => labels[name] === value))
}

function labelled({ spec, metadata }: KubeObject<Workload>): Workload & { readonly labels: Labels } {
  return { ...spec, labels: { ...spec.labels, ...metadata.labels } }
}

/** The port of an endpoint: a socket has none; else `ports[name]`, else what the service says. */
export function workloadEndpoints(workload: Workload, port: ServicePort, target: number): ServiceEndpoint[] {
  const address = workload.address?.replace(/^unix:\/\//, 'unix:')
  if (address === undefined || address === '') return []
  return [
    {
      ...location(address),
      port: address.startsWith('unix:') ? 0 : (workload.ports?.[port.name] ?? target),
      labels: workload.labels ?? {},
      ...(workload.weight === undefined ? {} : { weight: workload.weight }),
      ...(workload.locality === undefined ? {} : { locality: workload.locality }),
    },
  ]
}
