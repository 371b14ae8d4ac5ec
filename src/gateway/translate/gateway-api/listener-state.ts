import type { ClientValidation } from '../../model/index.ts'
import type { KubeObject } from '../../objects/object.ts'
import { fine, type Problem, type Verdict } from './conditions.ts'
import { gatewayGroup, type GatewaySpec, type ListenerSetSpec, type ListenerSpec } from './specs.ts'

/** A listener of a Gateway or of a ListenerSet while it is worked out. */
export interface ListenerState {
  /** the Gateway or ListenerSet it is written in, and its place in the list there */
  readonly parent: KubeObject
  readonly index: number
  readonly spec: ListenerSpec
  readonly gateway: GatewayState
  /** `Gateway default/web listener https`; also the name of its filter chain */
  readonly label: string
  /** lower case; `*` for every name */
  readonly hostname: string
  readonly transport: 'tcp' | 'udp'
  /** TLS ends here */
  readonly terminates: boolean
  /** kinds of routes it takes, by what its protocol can and what it allows */
  kinds: readonly string[]
  accepted: Verdict
  resolved: Verdict
  conflict?: Problem
  /** names of secrets */
  certificates: readonly string[]
  clientValidation?: ClientValidation
  /** accepted routes, whether the listener serves or not */
  attached: number
}

/** A Gateway of ours. */
export interface GatewayState {
  readonly object: KubeObject<GatewaySpec>
  readonly listeners: ListenerState[]
  readonly sets: ListenerSetState[]
  /** IP addresses it binds */
  addresses: readonly string[]
  accepted: Verdict
  resolved: Verdict
  programmed: Verdict
  /** name of the secret it shows to backends */
  clientCertificate?: string
  insecureValidation: boolean
}

/** A ListenerSet whose Gateway is ours. */
export interface ListenerSetState {
  readonly object: KubeObject<ListenerSetSpec>
  readonly gateway: GatewayState
  readonly listeners: ListenerState[]
  accepted: Verdict
}

/** A listener as it is written, nothing looked up yet. */
export function listenerState(
  parent: KubeObject,
  index: number,
  spec: ListenerSpec,
  gateway: GatewayState,
): ListenerState {
  const { namespace, name } = parent.metadata
  const hasHostname = ['HTTP', 'HTTPS', 'TLS'].includes(spec.protocol)
  return {
    parent,
    index,
    spec,
    gateway,
    label: `${parent.kind} ${namespace}/${name} listener ${spec.name}`,
    hostname: (hasHostname && spec.hostname ? spec.hostname : '*').toLowerCase(),
    transport: spec.protocol === 'UDP' ? 'udp' : 'tcp',
    terminates: spec.protocol === 'HTTPS' || (spec.protocol === 'TLS' && spec.tls?.mode !== 'Passthrough'),
    kinds: [],
    accepted: fine,
    resolved: fine,
    certificates: [],
    attached: 0,
  }
}

/** All listeners of a Gateway, its own first, then those of its ListenerSets by precedence. */
export function listenersOf(gateway: GatewayState): ListenerState[] {
  return [...gateway.listeners, ...gateway.sets.flatMap(({ listeners }) => listeners)]
}

/** Whether it gets a place in the data plane. */
export function serves(listener: ListenerState): boolean {
  const { accepted, conflict, gateway, terminates, certificates } = listener
  return (
    gateway.accepted.ok &&
    gateway.addresses.length > 0 &&
    accepted.ok &&
    conflict === undefined &&
    (!terminates || certificates.length > 0)
  )
}

/** The listener as one end of a reference. */
export function referrerOf(object: KubeObject): { group: string; kind: string; namespace: string } {
  return { group: gatewayGroup, kind: object.kind, namespace: object.metadata.namespace }
}
