/** The kinds a gateway reads: their versions, where their schema is, and what else is told of kinds it does not read. */
import { nearest } from '../../base/index.ts'
import type { GroupKind } from './object.ts'
import type { GatewayApiKind } from './schema/gateway-api.ts'
import type { istioSchemas } from './schema/istio.ts'
import type { kubernetesSchemas } from './schema/kubernetes.ts'

export interface Kind {
  readonly kind: string
  /** `''` for core */
  readonly group: string
  /** those that are taken; the first is the one that objects are shown in */
  readonly versions: readonly string[]
  readonly isNamespaced: boolean
  /** the class of `@kubernetes-models` whose prototype has the compiled schema */
  readonly schema: (version: string) => Promise<SchemaClass>
}

export interface SchemaClass {
  readonly prototype: { readonly validate: () => void }
}

const gatewayApi = 'gateway.networking.k8s.io'
const istio = 'networking.istio.io'
const istioVersions = ['v1', 'v1beta1', 'v1alpha3'] as const

export const kinds: readonly Kind[] = [
  gatewayApiKind('GatewayClass', ['v1', 'v1beta1'], false),
  gatewayApiKind('Gateway', ['v1', 'v1beta1']),
  gatewayApiKind('ListenerSet', ['v1']),
  gatewayApiKind('HTTPRoute', ['v1', 'v1beta1']),
  gatewayApiKind('GRPCRoute', ['v1', 'v1alpha2']),
  gatewayApiKind('TLSRoute', ['v1', 'v1alpha3', 'v1alpha2']),
  gatewayApiKind('TCPRoute', ['v1', 'v1alpha2']),
  gatewayApiKind('UDPRoute', ['v1', 'v1alpha2']),
  gatewayApiKind('ReferenceGrant', ['v1', 'v1beta1', 'v1alpha2']),
  gatewayApiKind('BackendTLSPolicy', ['v1', 'v1alpha3']),
  istioKind('Gateway'),
  istioKind('VirtualService'),
  istioKind('DestinationRule'),
  istioKind('ServiceEntry'),
  istioKind('WorkloadEntry'),
  {
    kind: 'Backend',
    group: 'gateway.envoyproxy.io',
    versions: ['v1alpha1'],
    isNamespaced: true,
    schema: async () => (await import('./schema/envoy-backend.ts')).envoyBackendSchema,
  },
  kubernetesKind('networking.k8s.io', 'Ingress'),
  kubernetesKind('networking.k8s.io', 'IngressClass', false),
  kubernetesKind('discovery.k8s.io', 'EndpointSlice'),
  kubernetesKind('', 'Service'),
  kubernetesKind('', 'Secret'),
  kubernetesKind('', 'ConfigMap'),
  kubernetesKind('', 'Namespace', false),
]

function gatewayApiKind(kind: GatewayApiKind, versions: readonly string[], isNamespaced = true): Kind {
  const schema = async (version: string) =>
    (await import('./schema/gateway-api.ts')).gatewayApiSchema(kind, version)
  return { kind, group: gatewayApi, versions, isNamespaced, schema }
}

function istioKind(kind: keyof typeof istioSchemas): Kind {
  const schema = async () => (await import('./schema/istio.ts')).istioSchemas[kind]
  return { kind, group: istio, versions: istioVersions, isNamespaced: true, schema }
}

function kubernetesKind(group: string, kind: keyof typeof kubernetesSchemas, isNamespaced = true): Kind {
  const schema = async () => (await import('./schema/kubernetes.ts')).kubernetesSchemas[kind]
  return { kind, group, versions: ['v1'], isNamespaced, schema }
}

const byName = new Map(kinds.map((kind) => [groupKindOf(kind), kind]))

export function groupKindOf({ kind, group }: { readonly kind: string; readonly group: string }): GroupKind {
  return group === '' ? kind : `${kind}.${group}`
}

/** `gateway.networking.k8s.io/v1` in parts; core versions have no group. */
export function splitApiVersion(apiVersion: string): { group: string; version: string } {
  const slash = apiVersion.lastIndexOf('/')
  return slash < 0
    ? { group: '', version: apiVersion }
    : { group: apiVersion.slice(0, slash), version: apiVersion.slice(slash + 1) }
}

export function kindOf(group: string, kind: string): Kind | undefined {
  return byName.get(groupKindOf({ kind, group }))
}

/** Istio kinds that change who may do what: leaving them out in silence would open a door. */
const guards = new Set(['AuthorizationPolicy', 'RequestAuthentication', 'PeerAuthentication'])
const ownGroups = [
  gatewayApi,
  istio,
  'networking.k8s.io',
  'security.istio.io',
  'telemetry.istio.io',
  'extensions.istio.io',
  'gateway.networking.x-k8s.io',
]

/** What is said of a kind that the gateway does not read, and how loud. */
export function describeUnread(
  group: string,
  kind: string,
): {
  severity: 'error' | 'warning' | 'info'
  rule: string
  message: string
  hint?: string
} {
  if (group === 'security.istio.io' && guards.has(kind))
    return {
      severity: 'error',
      rule: 'unsupported-kind',
      message: `kind ${kind} of ${group} is not supported: nothing is guarded by it`,
    }
  const sameName = kinds.find((known) => known.kind === kind)
  if (sameName && !ownGroups.includes(group))
    return {
      severity: 'error',
      rule: 'unknown-kind',
      message: `there is no kind ${kind} in "${group}"`,
      hint: `write apiVersion: ${apiVersionOf(sameName)}`,
    }
  const meant = nearest(
    kind,
    kinds.filter((known) => known.group === group).map((known) => known.kind),
  )
  if (meant !== undefined)
    return {
      severity: 'error',
      rule: 'unknown-kind',
      message: `there is no kind ${kind} in "${group}"`,
      hint: `did you mean "${meant}"?`,
    }
  if (ownGroups.includes(group))
    return {
      severity: 'warning',
      rule: 'unsupported-kind',
      message: `kind ${kind} of ${group} is not supported and has no effect`,
    }
  return { severity: 'info', rule: 'unused-kind', message: `kind ${kind} is nothing that a gateway reads` }
}

export function apiVersionOf({ group, versions }: Pick<Kind, 'group' | 'versions'>): string {
  return group === '' ? versions[0]! : `${group}/${versions[0]}`
}
