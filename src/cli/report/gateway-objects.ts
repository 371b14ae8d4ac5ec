/** What `get` shows of each kind beside its name and age: the columns of its CRD. */
import type { Kind, ReportedObject } from '../../gateway/index.ts'
import { conditionsOf } from '../../gateway/index.ts'

export type ObjectColumns = readonly {
  readonly title: string
  readonly cell: (object: ReportedObject) => string
}[]

type Json = Readonly<Record<string, unknown>>

const columns: Readonly<Record<string, ObjectColumns>> = {
  'GatewayClass.gateway.networking.k8s.io': [
    { title: 'CONTROLLER', cell: ({ spec }) => text(field(spec, 'controllerName')) },
    { title: 'ACCEPTED', cell: (object) => condition(object, 'Accepted') },
  ],
  'Gateway.gateway.networking.k8s.io': [
    { title: 'CLASS', cell: ({ spec }) => text(field(spec, 'gatewayClassName')) },
    { title: 'ADDRESS', cell: ({ status }) => list(status, 'addresses', 'value') },
    { title: 'PROGRAMMED', cell: (object) => condition(object, 'Programmed') },
  ],
  'Gateway.networking.istio.io': [
    {
      title: 'SERVERS',
      cell: ({ spec }) =>
        records(spec, 'servers')
          .map(({ port }) => `${text(field(port, 'number'))}/${text(field(port, 'protocol'))}`)
          .join(','),
    },
  ],
  'VirtualService.networking.istio.io': [
    { title: 'GATEWAYS', cell: ({ spec }) => texts(spec, 'gateways') },
    { title: 'HOSTS', cell: ({ spec }) => texts(spec, 'hosts') },
  ],
  'DestinationRule.networking.istio.io': [{ title: 'HOST', cell: ({ spec }) => text(field(spec, 'host')) }],
  'ServiceEntry.networking.istio.io': [
    { title: 'HOSTS', cell: ({ spec }) => texts(spec, 'hosts') },
    { title: 'LOCATION', cell: ({ spec }) => text(field(spec, 'location')) },
    { title: 'RESOLUTION', cell: ({ spec }) => text(field(spec, 'resolution')) },
  ],
  'WorkloadEntry.networking.istio.io': [
    { title: 'ADDRESS', cell: ({ spec }) => text(field(spec, 'address')) },
  ],
  'Ingress.networking.k8s.io': [
    { title: 'CLASS', cell: ({ spec }) => text(field(spec, 'ingressClassName')) },
    { title: 'HOSTS', cell: ({ spec }) => list(spec, 'rules', 'host') || '*' },
  ],
  Service: [
    { title: 'TYPE', cell: ({ spec }) => text(field(spec, 'type')) || 'ClusterIP' },
    { title: 'PORTS', cell: ({ spec }) => list(spec, 'ports', 'port') },
  ],
}

const route: ObjectColumns = [
  { title: 'HOSTNAMES', cell: ({ spec }) => texts(spec, 'hostnames') },
  { title: 'PARENTS', cell: ({ spec }) => list(spec, 'parentRefs', 'name') },
  { title: 'ACCEPTED', cell: (object) => condition(object, 'Accepted') },
]

export function objectColumns(kind: Kind, isWide: boolean): ObjectColumns {
  const name = kind.group === '' ? kind.kind : `${kind.kind}.${kind.group}`
  const own = columns[name] ?? (kind.kind.endsWith('Route') ? route : [])
  return isWide ? [...own, { title: 'PLACE', cell: placeOf }] : own
}

function placeOf({ metadata }: ReportedObject): string {
  return text(field(metadata['annotations'], 'slipway.dev/place'))
}

/** True when it is so everywhere, else the reason. */
function condition({ kind, metadata, status }: ReportedObject, type: string): string {
  const own = conditionsOf([
    {
      kind,
      group: '',
      namespace: metadata.namespace ?? '',
      name: metadata.name,
      generation: 0,
      status: (status ?? {}) as Json,
    },
  ]).filter((each) => each.type === type && !each.part.startsWith('listener'))
  const bad = own.find(({ isGood }) => !isGood)
  return bad ? `${bad.status} (${bad.reason})` : own.length > 0 ? 'True' : ''
}

function field(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Json)[key] : undefined
}

function records(value: unknown, key: string): Json[] {
  const found = field(value, key)
  return Array.isArray(found) ? (found as Json[]) : []
}

function list(value: unknown, key: string, item: string): string {
  return records(value, key)
    .map((each) => text(field(each, item)))
    .filter((each) => each !== '')
    .join(',')
}

function texts(value: unknown, key: string): string {
  const found = field(value, key)
  return Array.isArray(found) ? found.map(text).join(',') : ''
}

function text(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}
