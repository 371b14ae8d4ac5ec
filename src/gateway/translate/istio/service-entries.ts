/** What people should know about ServiceEntries and WorkloadEntries; `backends` makes services of them. */
import { isIP } from 'node:net'
import type { KubeObject } from '../../objects/object.ts'
import type { ObjectStatus } from '../status.ts'
import type { Context } from './context.ts'
import { nameOf } from '../report.ts'
import type { Labels, ServiceEntrySpec, Workload } from './spec.ts'
import { istioStatus } from './statuses.ts'

type ServiceEntryObject = KubeObject<ServiceEntrySpec>

/** Tells what is wrong with them and gives their statuses. */
export function serviceEntryStatuses(context: Context): ObjectStatus[] {
  const entries = context.objects.list<ServiceEntrySpec>('ServiceEntry.networking.istio.io')
  tellDuplicateHosts(entries, context)
  for (const entry of entries) tellEndpoints(entry, context)
  const used = context.destinations.used()
  const services = entries.map((object) => {
    const message = used.has(object) ? 'a destination of routes' : 'no VirtualService leads to it'
    return istioStatus({ object, isReconciled: true, message }, context.report)
  })
  return [...services, ...workloadStatuses(entries, context)]
}

/** Of one host in one namespace the oldest ServiceEntry holds, and a Service of Kubernetes before every one. */
function tellDuplicateHosts(
  entries: readonly ServiceEntryObject[],
  { objects, options, report }: Context,
): void {
  const owners = new Map(
    objects
      .list('Service')
      .map((object) => [
        `${object.metadata.name}.${object.metadata.namespace}.svc.${options.domain}`,
        object,
      ]),
  )
  const seen = new Map<string, KubeObject>()
  for (const entry of entries) {
    for (const [index, host] of entry.spec.hosts.entries()) {
      const key = `${entry.metadata.namespace}/${host.toLowerCase()}`
      const owner = owners.get(host.toLowerCase()) ?? seen.get(key)
      if (!owner) seen.set(key, entry)
      else {
        report.warn(entry, ['hosts', index], {
          rule: 'duplicate-service-host',
          message: `host ${host} is that of ${nameOf(owner)}, which holds`,
        })
      }
    }
  }
}

function tellEndpoints(entry: ServiceEntryObject, { report }: Context): void {
  const { resolution, endpoints = [], workloadSelector } = entry.spec
  if (workloadSelector && endpoints.length > 0) {
    report.error(entry, ['endpoints'], {
      rule: 'endpoints-and-selector',
      message: 'with a workloadSelector the endpoints have no effect',
      hint: 'leave one of them out',
    })
  }
  for (const [index, { address = '' }] of endpoints.entries()) {
    if (resolution !== 'STATIC' || isIP(address) !== 0 || address.startsWith('unix:')) continue
    report.warn(entry, ['endpoints', index, 'address'], {
      rule: 'endpoint-is-a-name',
      message: `${address} is a name, which Istio refuses with resolution STATIC; it is looked up here`,
      hint: 'write resolution: DNS',
    })
  }
}

function workloadStatuses(
  entries: readonly ServiceEntryObject[],
  { objects, report }: Context,
): ObjectStatus[] {
  const selecting = [
    ...entries.map((object) => ({ object, selector: object.spec.workloadSelector?.labels })),
    ...objects.list<ServiceSpec>('Service').map((object) => ({ object, selector: object.spec.selector })),
  ]
  return objects.list<Workload>('WorkloadEntry.networking.istio.io').map((object) => {
    const labels = { ...object.spec.labels, ...object.metadata.labels }
    const owners = selecting.filter(({ object: { metadata }, selector }) => {
      const wanted = Object.entries(selector ?? {})
      const isNear = metadata.namespace === object.metadata.namespace
      return isNear && wanted.length > 0 && wanted.every(([name, value]) => labels[name] === value)
    })
    const isReconciled = owners.length > 0
    if (!isReconciled) {
      report.warn(object, ['labels'], {
        rule: 'workload-entry-not-selected',
        message: `no ServiceEntry and no Service of namespace ${object.metadata.namespace} selects its labels`,
      })
    }
    const names = owners.map((owner) => nameOf(owner.object)).join(', ')
    const message = isReconciled ? `an endpoint of ${names}` : 'nothing selects it'
    return istioStatus({ object, isReconciled, message }, report)
  })
}

interface ServiceSpec {
  readonly selector?: Labels
}
