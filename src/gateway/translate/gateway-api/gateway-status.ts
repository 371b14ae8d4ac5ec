/** Status of Gateways and ListenerSets, as it is with every listener bound, and with some that are not. */
import type { Condition, ListenerProblem, ListenerProblems } from '../status.ts'
import { ruleOf } from './backend-tls.ts'
import { modelListenerName } from './chains.ts'
import { condition, fine, problem, type Verdict } from './conditions.ts'
import type { Context } from './context.ts'
import { covers } from './hostnames.ts'
import {
  listenersOf,
  serves,
  type GatewayState,
  type ListenerSetState,
  type ListenerState,
} from './listener-state.ts'
import { gatewayGroup } from './specs.ts'

type Status = Readonly<Record<string, unknown>>

export function writeGatewayStatus(context: Context, gateway: GatewayState): void {
  const statusOf = (problems: ListenerProblems) => gatewayStatus(gateway, problems)
  const { object, accepted, resolved, programmed } = gateway
  for (const verdict of [accepted, resolved, programmed]) reportVerdict(context, object, ['spec'], verdict)
  for (const listener of listenersOf(gateway)) reportListener(context, listener)
  writeStatus(context, gateway, statusOf, gateway.listeners)
  for (const set of gateway.sets) {
    reportVerdict(context, set.object, ['spec', 'parentRef'], set.accepted)
    writeStatus(context, set, (problems) => setStatus(set, problems), set.listeners)
  }
}

function writeStatus(
  { output }: Context,
  { object }: GatewayState | ListenerSetState,
  statusOf: (problems: ListenerProblems) => Status,
  listeners: readonly ListenerState[],
): void {
  const { namespace, name, generation } = object.metadata
  const names = new Set(listeners.filter(serves).flatMap(dependencies))
  const status = statusOf({})
  output.statuses.push({
    kind: object.kind,
    group: gatewayGroup,
    namespace,
    name,
    generation,
    status,
    ...(names.size > 0 ? { listeners: [...names], unbound: statusOf } : {}),
  })
}

/** Names under which a problem of a listener may come: of its sockets, and of its filter chain. */
function dependencies(listener: ListenerState): string[] {
  const { gateway, spec, transport, label } = listener
  return [...gateway.addresses.map((address) => modelListenerName(address, spec.port, transport)), label]
}

function gatewayStatus(gateway: GatewayState, problems: ListenerProblems): Status {
  const { object, listeners, resolved } = gateway
  const { generation } = object.metadata
  const valid = listeners.filter((listener) => isValid(listener, problems))
  const conditions = [
    acceptedCondition(gateway.accepted, listeners, valid, generation),
    condition('Programmed', gatewayProgrammed(gateway, valid, problems), generation),
    condition('ResolvedRefs', resolved.ok ? listenersResolved(listeners) : resolved, generation),
  ]
  if (gateway.insecureValidation) {
    conditions.push({
      ...condition('InsecureFrontendValidationMode', fine, generation, 'ConfigurationChanged'),
      message: 'clients are let in whose certificates are missing or not valid (AllowInsecureFallback)',
    })
  }
  return {
    addresses: gateway.accepted.ok ? boundAddresses(gateway, problems) : [],
    conditions,
    listeners: listeners.map((listener) => listenerStatus(listener, problems)),
    attachedListenerSets: gateway.sets.filter((set) => setAccepted(set, problems).status === 'True').length,
  }
}

function setStatus(set: ListenerSetState, problems: ListenerProblems): Status {
  const { generation } = set.object.metadata
  const accepted = setAccepted(set, problems)
  const programmed: Verdict =
    accepted.status === 'False'
      ? problem(accepted.reason, accepted.message)
      : set.listeners.some((listener) => programmedVerdict(listener, problems).ok)
        ? fine
        : problem('ListenersNotValid', 'no listener is programmed')
  return {
    conditions: [accepted, condition('Programmed', programmed, generation)],
    listeners: set.listeners.map((listener) => listenerStatus(listener, problems)),
  }
}

function setAccepted(
  { object, accepted, listeners }: ListenerSetState,
  problems: ListenerProblems,
): Condition {
  const valid = listeners.filter((listener) => isValid(listener, problems))
  return acceptedCondition(accepted, listeners, valid, object.metadata.generation)
}

/** With some listeners that are not valid it is True, and says so; with none that is, False. */
function acceptedCondition(
  accepted: Verdict,
  listeners: readonly ListenerState[],
  valid: readonly ListenerState[],
  generation: number,
): Condition {
  if (!accepted.ok || valid.length === listeners.length) return condition('Accepted', accepted, generation)
  const names = listeners.filter((listener) => !valid.includes(listener)).map(({ spec }) => spec.name)
  const message = `listeners that are not valid: ${names.join(', ')}`
  const verdict = valid.length > 0 ? fine : problem('ListenersNotValid', message)
  return { ...condition('Accepted', verdict, generation, 'ListenersNotValid'), message }
}

function gatewayProgrammed(
  gateway: GatewayState,
  valid: readonly ListenerState[],
  problems: ListenerProblems,
): Verdict {
  if (!gateway.accepted.ok) return problem('Invalid', gateway.accepted.message)
  if (!gateway.programmed.ok) return gateway.programmed
  const unbound = gateway.listeners.flatMap((listener) => problemsOf(listener, problems))[0]
  if (unbound) return problem('AddressNotUsable', unbound.message)
  if (valid.some((listener) => programmedVerdict(listener, problems).ok)) return fine
  return problem('Invalid', 'no listener is valid and programmed')
}

function listenersResolved(listeners: readonly ListenerState[]): Verdict {
  const names = listeners.filter(({ resolved }) => !resolved.ok).map(({ spec }) => spec.name)
  return names.length === 0
    ? fine
    : problem('ListenersNotResolved', `listeners with references that lead nowhere: ${names.join(', ')}`)
}

function boundAddresses(
  gateway: GatewayState,
  problems: ListenerProblems,
): { type: string; value: string }[] {
  const serving = listenersOf(gateway).filter(serves)
  return gateway.addresses
    .filter((address) =>
      serving.some(({ spec, transport }) => !problems[modelListenerName(address, spec.port, transport)]),
    )
    .map((value) => ({ type: 'IPAddress', value }))
}

/** Whether it gives the data plane something to do. */
function isValid(listener: ListenerState, problems: ListenerProblems): boolean {
  const { accepted, conflict, terminates, certificates } = listener
  return (
    accepted.ok && !conflict && (!terminates || certificates.length > 0) && !portProblem(listener, problems)
  )
}

/** A port that cannot be had makes a listener not accepted; an address that cannot is the Gateway's problem. */
function portProblem(listener: ListenerState, problems: ListenerProblems): ListenerProblem | undefined {
  return problemsOf(listener, problems).find(({ code }) => code !== 'EADDRNOTAVAIL')
}

function problemsOf(listener: ListenerState, problems: ListenerProblems): ListenerProblem[] {
  if (!serves(listener)) return []
  return dependencies(listener).flatMap((name) => problems[name] ?? [])
}

function listenerStatus(listener: ListenerState, problems: ListenerProblems): Status {
  const { spec, parent, kinds, attached, resolved, conflict } = listener
  const { generation } = parent.metadata
  const unbound = portProblem(listener, problems)
  const accepted = conflict ?? (unbound ? problem('PortUnavailable', unbound.message) : listener.accepted)
  const conditions = [
    condition('Accepted', accepted, generation),
    condition('Programmed', programmedVerdict(listener, problems), generation),
    condition('ResolvedRefs', resolved, generation),
    conflict
      ? { ...condition('Conflicted', conflict, generation), status: 'True' as const }
      : { ...condition('Conflicted', fine, generation, 'NoConflicts'), status: 'False' as const },
  ]
  const overlap = overlapping(listener)
  if (overlap) {
    conditions.push({
      ...condition('OverlappingTLSConfig', fine, generation, 'OverlappingHostnames'),
      message: `hostname ${listener.hostname} and that of ${overlap.label} overlap; requests over the wrong connection get 421`,
    })
  }
  return {
    name: spec.name,
    supportedKinds: kinds.map((kind) => ({ group: gatewayGroup, kind })),
    attachedRoutes: attached,
    conditions,
  }
}

function programmedVerdict(listener: ListenerState, problems: ListenerProblems): Verdict {
  const { accepted, conflict, gateway, resolved } = listener
  if (conflict) return conflict
  if (!accepted.ok)
    return accepted.reason === 'PortUnavailable' ? accepted : problem('Invalid', accepted.message)
  const unbound = problemsOf(listener, problems)[0]
  if (unbound) return problem('PortUnavailable', unbound.message)
  if (serves(listener)) return fine
  if (!gateway.accepted.ok)
    return problem('Invalid', `the Gateway is not accepted: ${gateway.accepted.message}`)
  if (!gateway.programmed.ok) return problem('Pending', gateway.programmed.message)
  return problem('Invalid', resolved.ok ? 'it has no certificate' : resolved.message)
}

/** Another HTTPS listener of the port whose hostname covers this one's or is covered (Listener "OverlappingTLSConfig"). */
function overlapping(listener: ListenerState): ListenerState | undefined {
  if (listener.spec.protocol !== 'HTTPS') return undefined
  return listenersOf(listener.gateway).find(
    (other) =>
      other !== listener &&
      other.spec.protocol === 'HTTPS' &&
      other.spec.port === listener.spec.port &&
      (covers(other.hostname, listener.hostname) || covers(listener.hostname, other.hostname)),
  )
}

function reportListener(
  context: Context,
  { parent, index, accepted, resolved, conflict }: ListenerState,
): void {
  const path = ['spec', 'listeners', index]
  for (const verdict of [conflict ?? fine, accepted, resolved]) reportVerdict(context, parent, path, verdict)
}

function reportVerdict(
  { output }: Context,
  object: ListenerState['parent'],
  path: (string | number)[],
  verdict: Verdict,
): void {
  if (verdict.ok) return
  output.report(object, path, { severity: 'error', rule: ruleOf(verdict.reason), message: verdict.message })
}
