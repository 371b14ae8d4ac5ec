/** Which routes are attached to which listeners, by parentRefs (CommonRouteSpec.ParentRefs). */
import type { KubeObject } from '../../objects/object.ts'
import { fine, problem, type Verdict } from './conditions.ts'
import type { Context } from './context.ts'
import { keyOf } from './gateways.ts'
import { covers, intersection, wildcardsOver } from './hostnames.ts'
import type { GatewayState, ListenerSetState, ListenerState } from './listener-state.ts'
import { allowsNamespace } from './selectors.ts'
import { gatewayGroup, type ParentReference } from './specs.ts'

interface RouteSpec {
  readonly parentRefs?: readonly ParentReference[]
  readonly hostnames?: readonly string[]
}

export interface RouteState {
  readonly object: KubeObject<RouteSpec>
  /** parents that are ours, or nobody's */
  readonly parents: readonly ParentState[]
}

/** One parentRef. */
export interface ParentState {
  readonly reference: ParentReference
  readonly index: number
  readonly gateway?: GatewayState
  readonly accepted: Verdict
  readonly attached: readonly Attachment[]
}

export interface Attachment {
  readonly listener: ListenerState
  /** effective hostnames, `*` for every one */
  readonly hostnames: readonly string[]
}

/** Attaches routes of every kind; they are looked at oldest first, then by `namespace/name`. */
export class Attachments {
  readonly #context: Context
  readonly #gateways: ReadonlyMap<string, GatewayState>
  readonly #sets: ReadonlyMap<string, ListenerSetState>
  /** hostnames that HTTPRoutes and GRPCRoutes have on a listener */
  readonly #hosts = new Map<ListenerState, { HTTPRoute: Set<string>; GRPCRoute: Set<string> }>()

  constructor(context: Context, gateways: readonly GatewayState[]) {
    this.#context = context
    this.#gateways = new Map(gateways.map((gateway) => [keyOf(gateway.object), gateway]))
    this.#sets = new Map(gateways.flatMap(({ sets }) => sets.map((set) => [keyOf(set.object), set])))
  }

  attach(object: KubeObject<RouteSpec>): RouteState {
    const counted = new Set<ListenerState>()
    const parents = (object.spec.parentRefs ?? []).flatMap((reference, index): ParentState[] => {
      const parent = this.#parent(object, reference, index)
      if (parent === undefined) return []
      const found = this.#attach(object, reference, parent.listeners, parent.missing)
      for (const { listener } of found.attached) {
        if (!counted.has(listener)) listener.attached += 1
        counted.add(listener)
      }
      return [{ reference, index, ...(parent.gateway ? { gateway: parent.gateway } : {}), ...found }]
    })
    return { object, parents }
  }

  /** Nothing: the parent is somebody else's. */
  #parent(
    object: KubeObject,
    reference: ParentReference,
    index: number,
  ): { gateway?: GatewayState; listeners: readonly ListenerState[]; missing?: string } | undefined {
    const { group = gatewayGroup, kind = 'Gateway', name } = reference
    const namespace = reference.namespace ?? object.metadata.namespace
    const key = `${namespace}/${name}`
    const gateway = this.#gateways.get(key)
    if (group === gatewayGroup && kind === 'Gateway' && gateway) {
      return { gateway, listeners: gateway.listeners }
    }
    const set = this.#sets.get(key)
    if (group === gatewayGroup && kind === 'ListenerSet' && set) {
      const { accepted, gateway: owner } = set
      const missing = accepted.ok
        ? {}
        : { missing: `ListenerSet ${key} is not accepted: ${accepted.message}` }
      return { gateway: owner, listeners: set.listeners, ...missing }
    }
    const isKnown = group === gatewayGroup && (kind === 'Gateway' || kind === 'ListenerSet')
    if (isKnown && this.#context.objects.get(`${kind}.${group}`, namespace, name) === undefined) {
      return { listeners: [], missing: `${kind} ${key} is not there` }
    }
    this.#context.output.report(object, ['spec', 'parentRefs', index], {
      severity: 'info',
      rule: 'parent-of-another-controller',
      message: isKnown
        ? `${kind} ${key} is of another controller: this parentRef is left alone`
        : `a ${kind} of group "${group}" is no Gateway: this parentRef is left alone`,
    })
    return undefined
  }

  #attach(
    object: KubeObject<RouteSpec>,
    reference: ParentReference,
    listeners: readonly ListenerState[],
    missing: string | undefined,
  ): { accepted: Verdict; attached: readonly Attachment[] } {
    const refuse = (reason: string, message: string) => ({ accepted: problem(reason, message), attached: [] })
    if (missing !== undefined) return refuse('NoMatchingParent', missing)
    const { sectionName, port, name } = reference
    const named = listeners.filter(
      ({ spec }) =>
        (sectionName === undefined || spec.name === sectionName) &&
        (port === undefined || spec.port === port),
    )
    if (named.length === 0) {
      const wanted = [sectionName && `name ${sectionName}`, port && `port ${port}`]
        .filter(Boolean)
        .join(' and ')
      return refuse('NoMatchingParent', `${name} has no listener${wanted === '' ? '' : ` with ${wanted}`}`)
    }
    const allowed = named.filter((listener) => this.#allows(listener, object))
    if (allowed.length === 0) {
      const labels = named.map(({ label }) => label).join(', ')
      return refuse(
        'NotAllowedByListeners',
        `allowedRoutes or protocol keep ${object.kind}s of namespace ${object.metadata.namespace} out: ${labels}`,
      )
    }
    const matching = allowed.flatMap((listener): Attachment[] => {
      const hostnames = effectiveHostnames(listener.hostname, object.spec.hostnames ?? [])
      return hostnames.length > 0 ? [{ listener, hostnames }] : []
    })
    if (matching.length === 0) {
      const hostnames = allowed.map(({ hostname }) => hostname).join(', ')
      return refuse(
        'NoMatchingListenerHostname',
        `none of ${(object.spec.hostnames ?? []).join(', ')} is under a hostname of the listeners: ${hostnames}`,
      )
    }
    const attached = matching.filter((attachment) => this.#claim(object, attachment))
    return attached.length > 0
      ? { accepted: fine, attached }
      : refuse(
          'HostnameConflict',
          'an older route of the other kind, HTTPRoute or GRPCRoute, has one of these hostnames on this listener',
        )
  }

  #allows(listener: ListenerState, object: KubeObject): boolean {
    const choice = listener.spec.allowedRoutes?.namespaces
    const own = listener.parent.metadata.namespace
    const other = object.metadata.namespace
    return (
      listener.kinds.includes(object.kind) &&
      allowsNamespace(choice, 'Same', { own, other, labels: this.#context.objects.namespaceLabels })
    )
  }

  /** Of an HTTPRoute and a GRPCRoute with a hostname in common on a listener the older one is accepted. */
  #claim({ kind }: KubeObject, { listener, hostnames }: Attachment): boolean {
    if (kind !== 'HTTPRoute' && kind !== 'GRPCRoute') return true
    const kinds = this.#hosts.get(listener) ?? { HTTPRoute: new Set(), GRPCRoute: new Set() }
    this.#hosts.set(listener, kinds)
    const others = kinds[kind === 'HTTPRoute' ? 'GRPCRoute' : 'HTTPRoute']
    if (hostnames.some((hostname) => meets(hostname, others))) return false
    for (const hostname of hostnames) kinds[kind].add(hostname)
    return true
  }
}

/** Whether a hostname has one in common with others. */
function meets(hostname: string, others: ReadonlySet<string>): boolean {
  if (others.has(hostname) || wildcardsOver(hostname).some((wildcard) => others.has(wildcard))) return true
  return hostname.startsWith('*') && [...others].some((other) => covers(hostname, other))
}

function effectiveHostnames(listener: string, route: readonly string[]): string[] {
  if (route.length === 0) return [listener]
  return [...new Set(route.flatMap((hostname) => intersection(listener, hostname.toLowerCase()) ?? []))]
}
