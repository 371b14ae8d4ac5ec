/** Defaults that the CRDs of Gateway API v1.6 give to fields (experimental channel, which has all of the standard one). */
import type { GroupKind } from '../object.ts'

/** a path from the spec, with `[]` for every item of a list, and what is put where nothing is */
type Default = readonly [path: string, value: unknown]

const gatewayGroup = 'gateway.networking.k8s.io'
const everything = { path: { type: 'PathPrefix', value: '/' } }

const parentRefs: readonly Default[] = [
  ['parentRefs[].group', gatewayGroup],
  ['parentRefs[].kind', 'Gateway'],
]
const objectRef = (path: string, kind: string): readonly Default[] => [
  [`${path}.group`, ''],
  [`${path}.kind`, kind],
]
const backendRefs: readonly Default[] = [
  ...objectRef('rules[].backendRefs[]', 'Service'),
  ['rules[].backendRefs[].weight', 1],
]
const listeners: readonly Default[] = [
  ['listeners[].allowedRoutes', {}],
  ['listeners[].allowedRoutes.namespaces', {}],
  ['listeners[].allowedRoutes.namespaces.from', 'Same'],
  ['listeners[].allowedRoutes.kinds[].group', gatewayGroup],
  ['listeners[].tls.mode', 'Terminate'],
  ...objectRef('listeners[].tls.certificateRefs[]', 'Secret'),
]
const sessionPersistence: readonly Default[] = [
  ['rules[].sessionPersistence.type', 'Cookie'],
  ['rules[].sessionPersistence.cookieConfig.lifetimeType', 'Session'],
]
const filters = (path: string): readonly Default[] => [
  ...objectRef(`${path}.requestMirror.backendRef`, 'Service'),
  [`${path}.requestMirror.fraction.denominator`, 100],
  ...objectRef(`${path}.externalAuth.backendRef`, 'Service'),
  [`${path}.requestRedirect.statusCode`, 302],
  [`${path}.cors.maxAge`, 5],
]
const streamRoute: readonly Default[] = [...parentRefs, ...backendRefs]

const defaults: Readonly<Record<GroupKind, readonly Default[]>> = {
  [`Gateway.${gatewayGroup}`]: [
    ['addresses[].type', 'IPAddress'],
    ['allowedListeners.namespaces', {}],
    ['allowedListeners.namespaces.from', 'None'],
    ...listeners,
    ...objectRef('tls.backend.clientCertificateRef', 'Secret'),
    ['tls.frontend.default.validation.mode', 'AllowValidOnly'],
    ['tls.frontend.perPort[].tls.validation.mode', 'AllowValidOnly'],
  ],
  [`ListenerSet.${gatewayGroup}`]: [
    ['parentRef.group', gatewayGroup],
    ['parentRef.kind', 'Gateway'],
    ...listeners,
  ],
  [`HTTPRoute.${gatewayGroup}`]: [
    ...parentRefs,
    ['rules', [{}]],
    ['rules[].matches', [everything]],
    ['rules[].matches[].path', everything.path],
    ['rules[].matches[].path.type', 'PathPrefix'],
    ['rules[].matches[].path.value', '/'],
    ['rules[].matches[].headers[].type', 'Exact'],
    ['rules[].matches[].queryParams[].type', 'Exact'],
    ...backendRefs,
    ...filters('rules[].filters[]'),
    ...filters('rules[].backendRefs[].filters[]'),
    ...sessionPersistence,
  ],
  [`GRPCRoute.${gatewayGroup}`]: [
    ...parentRefs,
    ['rules[].matches[].headers[].type', 'Exact'],
    ['rules[].matches[].method.type', 'Exact'],
    ...backendRefs,
    ...filters('rules[].filters[]'),
    ...filters('rules[].backendRefs[].filters[]'),
    ...sessionPersistence,
  ],
  [`TLSRoute.${gatewayGroup}`]: streamRoute,
  [`TCPRoute.${gatewayGroup}`]: streamRoute,
  [`UDPRoute.${gatewayGroup}`]: streamRoute,
}

/** Puts in what the API server would. The spec is changed in place. */
export function applyDefaults(groupKind: GroupKind, spec: unknown): void {
  for (const [path, value] of defaults[groupKind] ?? []) put(spec, path.split('.'), value)
}

function put(target: unknown, [step = '', ...rest]: readonly string[], value: unknown): void {
  if (typeof target !== 'object' || target === null) return
  const isList = step.endsWith('[]')
  const key = isList ? step.slice(0, -2) : step
  const record = target as Record<string, unknown>
  const child = Object.hasOwn(record, key) ? record[key] : undefined
  if (isList && Array.isArray(child)) for (const item of child) put(item, rest, value)
  else if (!isList && rest.length > 0) put(child, rest, value)
  else if (!isList && child === undefined) record[key] = structuredClone(value)
}
