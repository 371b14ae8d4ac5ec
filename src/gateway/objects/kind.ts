/** The kinds a gateway reads: their versions, where their schema is, and what else is told of kinds it does not read. */
import { nearest } from '../../base/index.ts'
import type { GroupKind } from './object.ts'

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
  gatewayKind('GatewayClass', ['v1', 'v1beta1'], false, async () =>
    import('@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1/GatewayClass').then(
      (m) => m.GatewayClass,
    ),
  ),
  gatewayKind('Gateway', ['v1', 'v1beta1'], true, async () =>
    import('@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1/Gateway').then((m) => m.Gateway),
  ),
  gatewayKind('ListenerSet', ['v1'], true, async () =>
    import('@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1/ListenerSet').then(
      (m) => m.ListenerSet,
    ),
  ),
  gatewayKind('HTTPRoute', ['v1', 'v1beta1'], true, async () =>
    import('@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1/HTTPRoute').then((m) => m.HTTPRoute),
  ),
  gatewayKind('GRPCRoute', ['v1', 'v1alpha2'], true, async () =>
    import('@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1/GRPCRoute').then((m) => m.GRPCRoute),
  ),
  gatewayKind('TLSRoute', ['v1', 'v1alpha3', 'v1alpha2'], true, async (version) =>
    // Only v1alpha2 lets hostnames be left out.
    version === 'v1alpha2'
      ? import('@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1alpha2/TLSRoute').then(
          (m) => m.TLSRoute,
        )
      : import('@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1/TLSRoute').then(
          (m) => m.TLSRoute,
        ),
  ),
  gatewayKind('TCPRoute', ['v1', 'v1alpha2'], true, async () =>
    import('@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1alpha2/TCPRoute').then(
      (m) => m.TCPRoute,
    ),
  ),
  gatewayKind('UDPRoute', ['v1', 'v1alpha2'], true, async () =>
    import('@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1alpha2/UDPRoute').then(
      (m) => m.UDPRoute,
    ),
  ),
  gatewayKind('ReferenceGrant', ['v1', 'v1beta1', 'v1alpha2'], true, async () =>
    import('@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1beta1/ReferenceGrant').then(
      (m) => m.ReferenceGrant,
    ),
  ),
  gatewayKind('BackendTLSPolicy', ['v1', 'v1alpha3'], true, async () =>
    import('@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1/BackendTLSPolicy').then(
      (m) => m.BackendTLSPolicy,
    ),
  ),
  istioKind('Gateway', async () =>
    import('@kubernetes-models/istio/networking.istio.io/v1/Gateway').then((m) => m.Gateway),
  ),
  istioKind('VirtualService', async () =>
    import('@kubernetes-models/istio/networking.istio.io/v1/VirtualService').then((m) => m.VirtualService),
  ),
  istioKind('DestinationRule', async () =>
    import('@kubernetes-models/istio/networking.istio.io/v1/DestinationRule').then((m) => m.DestinationRule),
  ),
  istioKind('ServiceEntry', async () =>
    import('@kubernetes-models/istio/networking.istio.io/v1/ServiceEntry').then((m) => m.ServiceEntry),
  ),
  istioKind('WorkloadEntry', async () =>
    import('@kubernetes-models/istio/networking.istio.io/v1/WorkloadEntry').then((m) => m.WorkloadEntry),
  ),
  {
    kind: 'Backend',
    group: 'gateway.envoyproxy.io',
    versions: ['v1alpha1'],
    isNamespaced: true,
    schema: async () => (await import('./schema/envoy-backend.ts')).envoyBackendSchema,
  },
  coreKind('networking.k8s.io', 'Ingress', true, async () =>
    import('kubernetes-models/networking.k8s.io/v1/Ingress').then((m) => m.Ingress),
  ),
  coreKind('networking.k8s.io', 'IngressClass', false, async () =>
    import('kubernetes-models/networking.k8s.io/v1/IngressClass').then((m) => m.IngressClass),
  ),
  coreKind('discovery.k8s.io', 'EndpointSlice', true, async () =>
    import('kubernetes-models/discovery.k8s.io/v1/EndpointSlice').then((m) => m.EndpointSlice),
  ),
  coreKind('', 'Service', true, async () => import('kubernetes-models/v1/Service').then((m) => m.Service)),
  coreKind('', 'Secret', true, async () => import('kubernetes-models/v1/Secret').then((m) => m.Secret)),
  coreKind('', 'ConfigMap', true, async () =>
    import('kubernetes-models/v1/ConfigMap').then((m) => m.ConfigMap),
  ),
  coreKind('', 'Namespace', false, async () =>
    import('kubernetes-models/v1/Namespace').then((m) => m.Namespace),
  ),
]

function gatewayKind(
  kind: string,
  versions: readonly string[],
  isNamespaced: boolean,
  schema: (version: string) => Promise<SchemaClass>,
): Kind {
  return { kind, group: gatewayApi, versions, isNamespaced, schema }
}

function istioKind(kind: string, schema: (version: string) => Promise<SchemaClass>): Kind {
  return { kind, group: istio, versions: istioVersions, isNamespaced: true, schema }
}

function coreKind(
  group: string,
  kind: string,
  isNamespaced: boolean,
  schema: (version: string) => Promise<SchemaClass>,
): Kind {
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
