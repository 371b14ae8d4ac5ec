/** The Gateways that are ours, with their listeners and ListenerSets, everything about them looked up. */
import type { KubeObject } from '../../objects/object.ts'
import { assignAddresses } from './addresses.ts'
import { resolveCertificate } from './certificates.ts'
import { fine, problem } from './conditions.ts'
import { findConflicts } from './conflicts.ts'
import type { Context } from './context.ts'
import type { GatewayClasses } from './gateway-classes.ts'
import { checkListener } from './listener-checks.ts'
import {
  listenersOf,
  listenerState,
  referrerOf,
  type GatewayState,
  type ListenerSetState,
  type ListenerState,
} from './listener-state.ts'
import { allowsNamespace, type NamespaceChoice } from './selectors.ts'
import {
  gatewayGroup,
  type GatewaySpec,
  type ListenerSetSpec,
  type ListenerSpec,
  type Reference,
} from './specs.ts'

/** Oldest first. */
export function gatewayStates(context: Context, classes: GatewayClasses): GatewayState[] {
  const gateways = context.objects
    .list<GatewaySpec>(`Gateway.${gatewayGroup}`)
    .filter((object) => classes.isOurs(object))
    .map((object) => gatewayState(context, object))
  const byName = new Map(gateways.map((gateway) => [keyOf(gateway.object), gateway]))
  for (const object of context.objects.list<ListenerSetSpec>(`ListenerSet.${gatewayGroup}`)) {
    const { namespace = object.metadata.namespace, name } = object.spec.parentRef
    const gateway = byName.get(`${namespace}/${name}`)
    if (gateway) gateway.sets.push(setState(context, object, gateway))
    else reportOrphan(context, object, `${namespace}/${name}`)
  }
  for (const gateway of gateways) {
    for (const listener of listenersOf(gateway)) checkListener(context, listener)
    findConflicts(
      gateway.listeners,
      listenersOf(gateway).filter(({ parent }) => parent.kind === 'ListenerSet'),
    )
  }
  assignAddresses(context, gateways)
  return gateways
}

function gatewayState(context: Context, object: KubeObject<GatewaySpec>): GatewayState {
  const { spec } = object
  const frontend = spec.tls?.frontend
  const validations = [frontend?.default, ...(frontend?.perPort ?? []).map(({ tls }) => tls)]
  const gateway: GatewayState = {
    object,
    listeners: [],
    sets: [],
    addresses: [],
    accepted: fine,
    resolved: fine,
    programmed: fine,
    insecureValidation: validations.some((tls) => tls?.validation?.mode === 'AllowInsecureFallback'),
  }
  gateway.listeners.push(...statesOf(object, spec.listeners ?? [], gateway))
  const parameters = spec.infrastructure?.parametersRef
  if (parameters) {
    gateway.accepted = problem(
      'InvalidParameters',
      `infrastructure.parametersRef names ${parameters.kind} ${parameters.name}; there are no parameters here`,
    )
  }
  const reference = spec.tls?.backend?.clientCertificateRef
  if (reference) {
    const found = resolveCertificate(
      context,
      referrerOf(object),
      reference as Reference,
      'InvalidClientCertificateRef',
    )
    if (typeof found === 'string') gateway.clientCertificate = found
    else gateway.resolved = found
  }
  return gateway
}

function setState(
  context: Context,
  object: KubeObject<ListenerSetSpec>,
  gateway: GatewayState,
): ListenerSetState {
  const set: ListenerSetState = { object, gateway, listeners: [], accepted: fine }
  const choice = gateway.object.spec.allowedListeners?.namespaces as NamespaceChoice | undefined
  const own = gateway.object.metadata.namespace
  const other = object.metadata.namespace
  if (!allowsNamespace(choice, 'None', { own, other, labels: context.objects.namespaceLabels })) {
    set.accepted = problem(
      'NotAllowed',
      `allowedListeners of Gateway ${keyOf(gateway.object)} does not choose namespace ${other}`,
    )
  } else if (!gateway.accepted.ok) {
    set.accepted = problem('ParentNotAccepted', `Gateway ${keyOf(gateway.object)} is not accepted`)
  } else set.listeners.push(...statesOf(object, object.spec.listeners as ListenerSpec[], gateway))
  return set
}

function statesOf(
  parent: KubeObject,
  specs: readonly ListenerSpec[],
  gateway: GatewayState,
): ListenerState[] {
  return specs.map((spec, index) => listenerState(parent, index, spec, gateway))
}

function reportOrphan(context: Context, object: KubeObject, gateway: string): void {
  context.output.report(object, ['spec', 'parentRef'], {
    severity: 'warning',
    rule: 'parent-not-found',
    message: `Gateway ${gateway} is not there, or of another controller`,
  })
}

/** `namespace/name` */
export function keyOf(object: KubeObject): string {
  return `${object.metadata.namespace}/${object.metadata.name}`
}
