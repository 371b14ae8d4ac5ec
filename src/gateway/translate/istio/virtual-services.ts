/** VirtualServices in Istio's order, with every short name written out and every delegate put in. */
import type { KubeObject } from '../../objects/object.ts'
import type { TranslateInput } from '../translation.ts'
import { mergeDelegate } from './delegates.ts'
import { fullHost } from './host-name.ts'
import { nameOf, type FieldPath, type Report } from '../report.ts'
import type { Destination, HttpMatch, HttpRule, TcpRule, TlsRule, VirtualServiceSpec } from './spec.ts'
import { isVisible } from './visibility.ts'

export type VirtualServiceObject = KubeObject<VirtualServiceSpec>

export interface VirtualService {
  readonly object: VirtualServiceObject
  readonly hosts: readonly string[]
  /** `namespace/name` of Gateways; `mesh` is left out */
  readonly gateways: readonly string[]
  readonly http: readonly PlacedRule[]
  readonly tls: readonly TlsRule[]
  readonly tcp: readonly TcpRule[]
}

/** An HTTP rule and the object it is written in: with a delegate this is another one than the VirtualService. */
export interface PlacedRule {
  readonly rule: HttpRule
  readonly object: VirtualServiceObject
  readonly path: FieldPath
}

/** Age, then name, then namespace (not as the Gateway API, where the namespace comes first). Delegates are not listed. */
export function virtualServices(input: TranslateInput, report: Report): VirtualService[] {
  const objects = input.objects
    .list<VirtualServiceSpec>('VirtualService.networking.istio.io')
    .toSorted(({ metadata: left }, { metadata: right }) => {
      return (
        left.created - right.created ||
        compareText(left.name, right.name) ||
        compareText(left.namespace, right.namespace)
      )
    })
  const used = new Set<VirtualServiceObject>()
  const roots = objects.filter(({ spec }) => !isDelegate(spec))
  const found = roots.map((object): VirtualService => {
    const spec = resolveNames(object, input.options.domain)
    const { namespace } = object.metadata
    return {
      object,
      hosts: (spec.hosts ?? []).map((host) => fullHost(host, namespace, input.options.domain)),
      gateways: (spec.gateways ?? []).filter((name) => name !== 'mesh'),
      http: (spec.http ?? []).flatMap((rule, index) => withDelegate({ rule, object, path: ['http', index] })),
      tls: spec.tls ?? [],
      tcp: spec.tcp ?? [],
    }
  })
  for (const object of objects.filter(({ spec }) => isDelegate(spec))) {
    if (used.has(object)) continue
    report.warn(object, [], {
      rule: 'unused-delegate',
      message: 'it has no hosts, and no VirtualService delegates to it',
    })
  }
  return found

  function withDelegate(root: PlacedRule): PlacedRule[] {
    const { delegate } = root.rule
    if (!delegate) return [root]
    const own = root.object.metadata.namespace
    const namespace = delegate.namespace === undefined || delegate.namespace === '' ? own : delegate.namespace
    const object = input.objects.get<VirtualServiceSpec>(
      'VirtualService.networking.istio.io',
      namespace,
      delegate.name ?? '',
    )
    const name = `VirtualService ${namespace}/${delegate.name ?? ''}`
    const fail = (message: string) => {
      report.error(root.object, [...root.path, 'delegate'], { rule: 'delegate-not-found', message })
      return []
    }
    if (!object) return fail(`${name} does not exist`)
    if (!isDelegate(object.spec)) return fail(`${name} has hosts, so it is not a delegate`)
    if (!isVisible(object.spec.exportTo, namespace, own)) return fail(`${name} is not exported to ${own}`)
    used.add(object)
    const rules = resolveNames(object, input.options.domain).http ?? []
    return rules.flatMap((rule, index) => {
      const placed: PlacedRule = { rule, object, path: ['http', index] }
      if (rule.delegate) {
        report.error(object, [...placed.path, 'delegate'], {
          rule: 'delegate-of-delegate',
          message: 'a delegate cannot delegate further',
        })
        return []
      }
      const merged = mergeDelegate(root.rule, rule)
      if (merged) return [{ ...placed, rule: merged }]
      report.error(object, placed.path, {
        rule: 'delegate-conflict',
        message: `its match is not within the match of ${nameOf(root.object)} that delegates to it, so it is left out`,
      })
      return []
    })
  }
}

const isDelegate = (spec: VirtualServiceSpec) => (spec.hosts ?? []).length === 0

/** Destinations in full, Gateways as `namespace/name`. */
function resolveNames({ spec, metadata }: VirtualServiceObject, domain: string): VirtualServiceSpec {
  const { namespace } = metadata
  const destination = <D extends Destination>(to: D): D => ({
    ...to,
    host: fullHost(to.host, namespace, domain),
  })
  const routed = <R extends { readonly destination: Destination }>(route: R): R => ({
    ...route,
    destination: destination(route.destination),
  })
  const matched = <M extends { readonly gateways?: readonly string[] }>(match: M): M =>
    match.gateways
      ? { ...match, gateways: match.gateways.map((name) => gatewayName(name, namespace)) }
      : match
  const http = (rule: HttpRule): HttpRule => ({
    ...rule,
    ...(rule.match && { match: rule.match.map((match: HttpMatch) => matched(match)) }),
    ...(rule.route && { route: rule.route.map(routed) }),
    ...(rule.mirror && { mirror: destination(rule.mirror) }),
    ...(rule.mirrors && { mirrors: rule.mirrors.map(routed) }),
  })
  return {
    ...spec,
    gateways: (spec.gateways ?? []).map((name) => gatewayName(name, namespace)),
    http: (spec.http ?? []).map(http),
    tls: (spec.tls ?? []).map((rule) => ({
      match: (rule.match ?? []).map(matched),
      route: (rule.route ?? []).map(routed),
    })),
    tcp: (spec.tcp ?? []).map((rule) => ({
      ...(rule.match && { match: rule.match.map(matched) }),
      route: (rule.route ?? []).map(routed),
    })),
  }
}

/** `name`, `namespace/name`, `./name`, or an old name in dots: `name.namespace.svc.cluster.local`. */
export function gatewayName(name: string, namespace: string): string {
  if (name === 'mesh') return name
  if (name.startsWith('./')) return `${namespace}/${name.slice(2)}`
  if (name.includes('/')) return name
  const [first = '', second] = name.split('.')
  return second === undefined ? `${namespace}/${first}` : `${second}/${first}`
}

function compareText(left: string, right: string): number {
  return left < right ? -1 : Number(left > right)
}
