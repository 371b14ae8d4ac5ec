/** Objects of the suite in a few words each; `infra` is the namespace of what names none. */
export interface KubeManifest {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: {
    readonly name: string
    readonly namespace?: string
    readonly labels?: Readonly<Record<string, string>>
    readonly creationTimestamp?: string
  }
  readonly spec?: unknown
  readonly [top: string]: unknown
}

type Fields = Readonly<Record<string, unknown>>

export const infra = 'gateway-conformance-infra'
export const appBackend = 'gateway-conformance-app-backend'
export const webBackend = 'gateway-conformance-web-backend'
export const className = 'slipway'
const gatewayApi = 'gateway.networking.k8s.io'

export interface Meta {
  readonly namespace?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly creationTimestamp?: string
}

function object(
  apiVersion: string,
  kind: string,
  name: string,
  content: Fields & { meta?: Meta },
): KubeManifest {
  const { meta, ...rest } = content
  return { apiVersion, kind, metadata: { name, namespace: infra, ...meta }, ...rest }
}

export function namespace(name: string, labels: Readonly<Record<string, string>> = {}): KubeManifest {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } }
}

export function gateway(
  name: string,
  listeners: readonly Fields[],
  spec: Fields = {},
  meta: Meta = {},
): KubeManifest {
  return object(`${gatewayApi}/v1`, 'Gateway', name, {
    meta,
    spec: { gatewayClassName: className, listeners, ...spec },
  })
}

export function listenerSet(
  name: string,
  parent: string,
  listeners: readonly Fields[],
  meta: Meta = {},
): KubeManifest {
  return object(`${gatewayApi}/v1`, 'ListenerSet', name, {
    meta,
    spec: { parentRef: { kind: 'Gateway', group: gatewayApi, name: parent, namespace: infra }, listeners },
  })
}

const everyone = { namespaces: { from: 'All' } }

/** A listener that takes routes of all namespaces; `http` and port 80 unless fields say otherwise. */
export function http(fields: Fields = {}): Fields {
  return { name: 'http', port: 80, protocol: 'HTTP', allowedRoutes: everyone, ...fields }
}

export function https(secret: Fields | string, fields: Fields = {}): Fields {
  const reference = typeof secret === 'string' ? { kind: 'Secret', group: '', name: secret } : secret
  const tls = { certificateRefs: [reference] }
  return { name: 'https', port: 443, protocol: 'HTTPS', allowedRoutes: everyone, tls, ...fields }
}

/** A listener for TLSRoutes; passthrough, or terminating with a secret. */
export function tls(fields: Fields = {}, secret?: string): Fields {
  const mode =
    secret === undefined
      ? { mode: 'Passthrough' }
      : { mode: 'Terminate', certificateRefs: [{ kind: 'Secret', group: '', name: secret }] }
  return { name: 'tls', port: 443, protocol: 'TLS', allowedRoutes: everyone, tls: mode, ...fields }
}

export interface RouteFields {
  /** names of Gateways of `infra`, or whole parentRefs */
  readonly to?: readonly (string | Fields)[]
  readonly hostnames?: readonly string[]
  readonly rules?: readonly Fields[]
  readonly meta?: Meta
}

export type RouteKind = 'HTTPRoute' | 'GRPCRoute' | 'TLSRoute' | 'TCPRoute' | 'UDPRoute'

export function route(kind: RouteKind, name: string, fields: RouteFields): KubeManifest {
  const { to = ['same-namespace'], hostnames, rules, meta = {} } = fields
  const parentRefs = to.map((parent) =>
    typeof parent === 'string' ? { name: parent, namespace: infra } : { namespace: infra, ...parent },
  )
  return object(`${gatewayApi}/v1`, kind, name, {
    meta,
    spec: { parentRefs, ...(hostnames ? { hostnames } : {}), rules: rules ?? [backends('infra-backend-v1')] },
  })
}

/** A parentRef to a ListenerSet. */
export function ofSet(name: string, fields: Fields = {}): Fields {
  return { kind: 'ListenerSet', group: gatewayApi, name, ...fields }
}

/** A rule to Services at port 8080, or to whole backendRefs, with other fields. */
export function backends(...references: readonly (string | Fields)[]): Fields {
  return {
    backendRefs: references.map((reference) =>
      typeof reference === 'string' ? { name: reference, port: 8080 } : reference,
    ),
  }
}

/** The same with matches: paths by prefix as text, others whole. */
export function matching(
  matches: readonly (string | Fields)[],
  ...references: readonly (string | Fields)[]
): Fields {
  return {
    matches: matches.map((match) =>
      typeof match === 'string' ? { path: { type: 'PathPrefix', value: match } } : match,
    ),
    ...backends(...references),
  }
}

/** A grant in `meta.namespace` for one kind from a namespace to one kind. */
export function grant(
  name: string,
  from: { readonly kind: string; readonly namespace?: string; readonly group?: string },
  to: { readonly kind: string; readonly name?: string; readonly group?: string },
  meta: Meta = { namespace: webBackend },
): KubeManifest {
  return object(`${gatewayApi}/v1`, 'ReferenceGrant', name, {
    meta,
    spec: { from: [{ group: gatewayApi, namespace: infra, ...from }], to: [{ group: '', ...to }] },
  })
}

/** A policy for a Service of `infra`, with the authority of a ConfigMap. */
export function backendTls(
  name: string,
  service: string | Fields,
  validation: Fields = {},
  meta: Meta = {},
): KubeManifest {
  const target = typeof service === 'string' ? { name: service } : service
  return object(`${gatewayApi}/v1`, 'BackendTLSPolicy', name, {
    meta,
    spec: {
      targetRefs: [{ group: '', kind: 'Service', ...target }],
      validation: {
        hostname: 'abc.example.com',
        caCertificateRefs: [{ group: '', kind: 'ConfigMap', name: 'backend-tls-checks-certificate' }],
        ...validation,
      },
    },
  })
}

export function service(
  name: string,
  ports: readonly Fields[],
  meta: Meta = {},
  spec: Fields = {},
): KubeManifest {
  return object('v1', 'Service', name, { meta, spec: { ports, ...spec } })
}

/** Endpoints of a Service: addresses, and ports by name. */
export function endpointSlice(
  serviceName: string,
  ports: readonly { readonly name?: string; readonly port: number; readonly protocol?: string }[],
  endpoints: readonly { readonly address: string; readonly pod: string }[],
  meta: Meta = {},
): KubeManifest {
  return object('discovery.k8s.io/v1', 'EndpointSlice', `${serviceName}-slice`, {
    meta: { ...meta, labels: { 'kubernetes.io/service-name': serviceName } },
    addressType: 'IPv4',
    ports: ports.map((port) => ({ protocol: 'TCP', ...port })),
    endpoints: endpoints.map(({ address, pod }) => ({
      addresses: [address],
      conditions: { ready: true },
      targetRef: { kind: 'Pod', name: pod },
    })),
  })
}

export function secret(name: string, data: Readonly<Record<string, string>>, meta: Meta = {}): KubeManifest {
  return object('v1', 'Secret', name, { meta, type: 'kubernetes.io/tls', stringData: data })
}

export function configMap(
  name: string,
  data: Readonly<Record<string, string>>,
  meta: Meta = {},
): KubeManifest {
  return object('v1', 'ConfigMap', name, { meta, data })
}
