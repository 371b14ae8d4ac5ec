/** Every condition of every status, in one list. */
import type { GatewayState } from '../run/gateway.ts'

export interface ShownCondition {
  /** `HTTPRoute default/web`; a kind that two APIs have is named with its group: `Gateway.networking.istio.io default/web` */
  readonly object: string
  /** `listener http`, `parent web`; `''` for the object itself */
  readonly part: string
  readonly type: string
  readonly status: string
  readonly reason: string
  readonly message: string
  /** it says nothing is wrong */
  readonly isGood: boolean
}

type Json = Readonly<Record<string, unknown>>

/** Types that are good when they are not True. */
const reversed = new Set([
  'Conflicted',
  'PartiallyInvalid',
  'OverlappingTLSConfig',
  'InsecureFrontendValidationMode',
])

export function conditionsOf(statuses: GatewayState['statuses']): ShownCondition[] {
  return statuses.flatMap(({ kind, group, namespace, name, status }) => {
    const shownKind = kind === 'Gateway' && group === 'networking.istio.io' ? `${kind}.${group}` : kind
    const object = `${shownKind} ${namespace === '' ? name : `${namespace}/${name}`}`
    return [
      ...conditionsIn(status, object, ''),
      ...(kind === 'Ingress' ? [addressOf(status, object)] : []),
      ...records(status['listeners']).flatMap((each) =>
        conditionsIn(each, object, `listener ${text(each['name'])}`),
      ),
      ...records(status['parents']).flatMap((each) =>
        conditionsIn(each, object, `parent ${reference(each['parentRef'])}`),
      ),
      ...records(status['ancestors']).flatMap((each) =>
        conditionsIn(each, object, `ancestor ${reference(each['ancestorRef'])}`),
      ),
    ]
  })
}

/** An Ingress has no conditions: its addresses and ports say that it is served. */
function addressOf(status: Json, object: string): ShownCondition {
  const addresses = records((status['loadBalancer'] as Json | undefined)?.['ingress'])
  const all = addresses.flatMap((each) =>
    records(each['ports']).map((port) => ({ ip: text(each['ip']), ...port })),
  )
  const shown = (state: Json) => `${text(state['ip'])}:${text(state['port'])}`
  const failed = all.filter((state: Json) => state['error'] !== undefined)
  const isGood = all.length > 0 && failed.length === 0
  return {
    object,
    part: '',
    type: 'LoadBalancer',
    status: isGood ? 'True' : 'False',
    reason: isGood ? 'Served' : 'PortUnavailable',
    message: isGood ? all.map(shown).join(', ') : failed.map(shown).join(', '),
    isGood,
  }
}

function conditionsIn(holder: Json, object: string, part: string): ShownCondition[] {
  return records(holder['conditions']).map((condition) => {
    const [type, status] = [text(condition['type']), text(condition['status'])]
    return {
      object,
      part,
      type,
      status,
      reason: text(condition['reason']),
      message: text(condition['message']),
      isGood: reversed.has(type) ? status !== 'True' : status === 'True',
    }
  })
}

function reference(value: unknown): string {
  const { namespace, name, sectionName, port } = (value ?? {}) as Json
  const section = [sectionName, port].filter((part) => part !== undefined).map(text)
  return [
    [namespace, name]
      .filter((part) => part !== undefined)
      .map(text)
      .join('/'),
    ...section,
  ].join(':')
}

function records(value: unknown): Json[] {
  return Array.isArray(value) ? (value as Json[]) : []
}

function text(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}
