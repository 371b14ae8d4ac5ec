/** BackendTLSPolicy: which Services are spoken to by TLS, and what their certificates must say. */
import type { UpstreamTls } from '../../model/index.ts'
import type { KubeObject, ObjectSet } from '../../objects/object.ts'
import { resolveAuthorities } from './certificates.ts'
import { condition, fine, problem, type Verdict } from './conditions.ts'
import type { Context } from './context.ts'
import { referrerOf, type GatewayState } from './listener-state.ts'
import { controllerName, gatewayGroup, type BackendTlsPolicySpec, type Reference } from './specs.ts'

interface PolicyState {
  readonly object: KubeObject<BackendTlsPolicySpec>
  readonly tls: UpstreamTls
  readonly resolved: Verdict
  accepted: Verdict
  /** Gateways that send requests to a target of it */
  readonly ancestors: Set<GatewayState>
}

/** Policies of one moment. */
export class BackendTlsPolicies {
  /** by `Kind/namespace/name/port name`, with no port name for the whole target; who has precedence is first */
  readonly #byTarget = new Map<string, PolicyState[]>()
  readonly #all: readonly KubeObject<BackendTlsPolicySpec>[]
  #states: readonly PolicyState[] = []

  constructor(objects: ObjectSet) {
    this.#all = objects.list<BackendTlsPolicySpec>(`BackendTLSPolicy.${gatewayGroup}`)
  }

  resolve(context: Context): void {
    this.#states = this.#all.map((object) => policyState(context, object))
    for (const state of this.#states) {
      for (const [index, { group, kind, name, sectionName = '' }] of state.object.spec.targetRefs.entries()) {
        const wrong = targetProblem(context, state.object, { group, kind, name })
        if (wrong !== undefined) {
          context.output.report(state.object, ['spec', 'targetRefs', index], {
            severity: 'warning',
            rule: 'target-not-found',
            message: `${wrong}: the policy has no effect on it`,
          })
          continue
        }
        const target = `${kind}/${state.object.metadata.namespace}/${name}/${sectionName}`
        const others = this.#byTarget.get(target) ?? []
        if (others[0]) {
          const { namespace, name: winner } = others[0].object.metadata
          state.accepted = problem(
            'Conflicted',
            `BackendTLSPolicy ${namespace}/${winner} has the same target`,
          )
        }
        this.#byTarget.set(target, [...others, state])
      }
    }
  }

  /** How a Gateway speaks to a port of a Service, a ServiceEntry or a Backend; nothing: in plain text. */
  tlsFor(gateway: GatewayState, { kind, metadata }: KubeObject, portName: string): UpstreamTls | undefined {
    const target = `${kind}/${metadata.namespace}/${metadata.name}/`
    const ofPort = portName === '' ? [] : (this.#byTarget.get(`${target}${portName}`) ?? [])
    const ofAll = this.#byTarget.get(target) ?? []
    for (const state of [...ofPort, ...ofAll]) state.ancestors.add(gateway)
    const winner = ofPort[0] ?? ofAll[0]
    if (winner === undefined) return undefined
    const { clientCertificate } = gateway
    return { ...winner.tls, ...(clientCertificate === undefined ? {} : { clientCertificate }) }
  }

  writeStatuses({ output }: Context): void {
    for (const { object, accepted, resolved, ancestors } of this.#states) {
      const { namespace, name, generation } = object.metadata
      if (!accepted.ok || !resolved.ok) {
        const { reason, message } = !accepted.ok
          ? accepted
          : (resolved as { reason: string; message: string })
        output.report(object, ['spec'], { severity: 'error', rule: ruleOf(reason), message })
      }
      output.statuses.push({
        kind: 'BackendTLSPolicy',
        group: gatewayGroup,
        namespace,
        name,
        generation,
        status: {
          ancestors: [...ancestors].map((gateway) => ({
            ancestorRef: {
              group: gatewayGroup,
              kind: 'Gateway',
              namespace: gateway.object.metadata.namespace,
              name: gateway.object.metadata.name,
            },
            controllerName,
            conditions: [
              condition('Accepted', accepted, generation),
              condition('ResolvedRefs', resolved, generation),
            ],
          })),
        },
      })
    }
  }
}

/** Groups of the kinds that may be a target. */
const targetGroups: Readonly<Record<string, string>> = {
  Service: '',
  ServiceEntry: 'networking.istio.io',
  Backend: 'gateway.envoyproxy.io',
}

function targetProblem(
  { objects }: Context,
  { metadata }: KubeObject,
  { group, kind, name }: { readonly group: string; readonly kind: string; readonly name: string },
): string | undefined {
  if (targetGroups[kind] !== group) {
    return `the target is a Service, a ServiceEntry or a Backend, not a ${kind} of group "${group}"`
  }
  const { namespace } = metadata
  const found = objects.get(group === '' ? kind : `${kind}.${group}`, namespace, name)
  return found ? undefined : `${kind} ${namespace}/${name} is not there`
}

function policyState(context: Context, object: KubeObject<BackendTlsPolicySpec>): PolicyState {
  const {
    hostname,
    subjectAltNames,
    caCertificateRefs = [],
    wellKnownCACertificates,
  } = object.spec.validation
  const state = { object, ancestors: new Set<GatewayState>() }
  const names = (subjectAltNames ?? []).map((name) =>
    name.type === 'URI'
      ? { kind: 'uri' as const, value: name.uri ?? '' }
      : { kind: 'dns' as const, value: name.hostname ?? '' },
  )
  const tls = { serverName: hostname, ...(names.length > 0 ? { subjectAltNames: names } : {}) }
  if (caCertificateRefs.length === 0) {
    const accepted =
      wellKnownCACertificates === 'System'
        ? fine
        : problem('Invalid', `wellKnownCACertificates is System, not ${wellKnownCACertificates ?? 'empty'}`)
    const broken = accepted.ok ? {} : { broken: accepted.message }
    return { ...state, tls: { ...tls, trust: 'system', ...broken }, resolved: fine, accepted }
  }
  const { secret, problems } = resolveAuthorities(
    context,
    referrerOf(object),
    caCertificateRefs as readonly Reference[],
    { kind: 'InvalidKind', reference: 'InvalidCACertificateRef' },
  )
  const resolved = problems[0] ?? fine
  if (secret !== undefined) return { ...state, tls: { ...tls, trust: { secret } }, resolved, accepted: fine }
  const message = problems[0]?.message ?? 'no authority'
  return {
    ...state,
    tls: { ...tls, trust: 'system', broken: message },
    resolved,
    accepted: problem('NoValidCACertificate', message),
  }
}

/** `InvalidKind` as `invalid-kind`, for diagnostics. */
export function ruleOf(reason: string): string {
  return reason.replaceAll(/(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/g, '-').toLowerCase()
}
