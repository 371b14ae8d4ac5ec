/** Specs of every kind that has rules, and changes of them at random: fields that go, move, repeat or get other values. */

/** mulberry32 */
export function seededRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

const service = { name: 'a', port: 80 }
const headers = { set: [{ name: 'x', value: 'y' }] }
const listeners = [
  { name: 'a', port: 80, protocol: 'HTTP' },
  { name: 'b', port: 443, protocol: 'HTTPS', hostname: 'a.b', tls: { certificateRefs: [{ name: 'c' }] } },
  { name: 'c', port: 8443, protocol: 'TLS', tls: { mode: 'Passthrough' } },
  { name: 'd', port: 53, protocol: 'UDP' },
  { name: 'e', port: 90, protocol: 'TCP' },
]
const streamRoute = {
  parentRefs: [{ name: 'a', sectionName: 'x' }, { name: 'a', sectionName: 'y' }, { name: 'b' }],
  rules: [{ backendRefs: [service, { name: 'b', port: 81, weight: 3 }] }],
}
const workload = { address: '10.0.0.1', ports: { http: 80, other: 81 }, labels: { a: 'b' } }

export const specsByKind: Readonly<Record<string, readonly unknown[]>> = {
  'Gateway.gateway.networking.k8s.io': [
    {
      gatewayClassName: 'x',
      listeners,
      addresses: [{ value: '10.0.0.1' }, { type: 'Hostname', value: 'a.b' }],
      infrastructure: { labels: { 'a.b/c': 'd' }, annotations: { e: 'f' } },
      tls: {
        frontend: {
          default: { validation: { caCertificateRefs: [{ group: '', kind: 'ConfigMap', name: 'a' }] } },
          perPort: [
            {
              port: 443,
              tls: { validation: { caCertificateRefs: [{ group: '', kind: 'ConfigMap', name: 'a' }] } },
            },
            { port: 444, tls: {} },
          ],
        },
        backend: { clientCertificateRef: { name: 'a' } },
      },
      allowedListeners: {},
    },
    { gatewayClassName: 'x', listeners: [listeners[0]] },
  ],
  'ListenerSet.gateway.networking.k8s.io': [{ parentRef: { name: 'a' }, listeners }],
  'HTTPRoute.gateway.networking.k8s.io': [
    {
      parentRefs: [
        { name: 'a', port: 80 },
        { name: 'a', port: 81 },
        { name: 'b', namespace: 'c' },
        { name: 'b' },
      ],
      hostnames: ['a.b'],
      rules: [
        {
          name: 'one',
          matches: [
            {
              path: { type: 'PathPrefix', value: '/a' },
              headers: [{ name: 'x', value: 'y' }],
              queryParams: [{ name: 'q', value: '1' }],
              method: 'GET',
            },
          ],
          filters: [
            {
              type: 'URLRewrite',
              urlRewrite: { path: { type: 'ReplacePrefixMatch', replacePrefixMatch: '/b' } },
            },
            { type: 'RequestHeaderModifier', requestHeaderModifier: headers },
            { type: 'ResponseHeaderModifier', responseHeaderModifier: headers },
            { type: 'RequestMirror', requestMirror: { backendRef: service, fraction: { numerator: 5 } } },
            { type: 'CORS', cors: { allowOrigins: ['*'], allowMethods: ['GET'], allowHeaders: ['x'] } },
          ],
          backendRefs: [
            service,
            { ...service, filters: [{ type: 'RequestHeaderModifier', requestHeaderModifier: headers }] },
          ],
          timeouts: { request: '10s', backendRequest: '2s' },
          sessionPersistence: {
            sessionName: 'a',
            absoluteTimeout: '1h',
            cookieConfig: { lifetimeType: 'Permanent' },
          },
        },
        {
          name: 'two',
          matches: [{ path: { value: '/c' } }],
          filters: [
            {
              type: 'RequestRedirect',
              requestRedirect: { path: { type: 'ReplaceFullPath', replaceFullPath: '/d' }, statusCode: 301 },
            },
          ],
        },
        { backendRefs: [service] },
      ],
    },
    { parentRefs: [{ name: 'a' }] },
    { rules: [{ matches: [{ path: { type: 'RegularExpression', value: '.*' } }], backendRefs: [service] }] },
  ],
  'GRPCRoute.gateway.networking.k8s.io': [
    {
      parentRefs: [{ name: 'a' }, { name: 'b' }],
      rules: [
        {
          name: 'one',
          matches: [{ method: { service: 'a.B', method: 'C' }, headers: [{ name: 'x', value: 'y' }] }],
          filters: [
            { type: 'RequestMirror', requestMirror: { backendRef: service, percent: 5 } },
            { type: 'RequestHeaderModifier', requestHeaderModifier: headers },
          ],
          backendRefs: [service],
          sessionPersistence: { sessionName: 'a', cookieConfig: {} },
        },
        { name: 'two', backendRefs: [service] },
      ],
    },
  ],
  'TLSRoute.gateway.networking.k8s.io': [{ ...streamRoute, hostnames: ['a.b', '*.c.d'] }],
  'TCPRoute.gateway.networking.k8s.io': [streamRoute],
  'UDPRoute.gateway.networking.k8s.io': [streamRoute],
  'BackendTLSPolicy.gateway.networking.k8s.io': [
    {
      targetRefs: [
        { group: '', kind: 'Service', name: 'a', sectionName: 'x' },
        { group: '', kind: 'Service', name: 'a', sectionName: 'y' },
        { group: '', kind: 'Service', name: 'b' },
      ],
      validation: {
        hostname: 'a.b',
        caCertificateRefs: [{ group: '', kind: 'ConfigMap', name: 'a' }],
        subjectAltNames: [
          { type: 'Hostname', hostname: 'a.b' },
          { type: 'URI', uri: 'spiffe://a/b' },
        ],
      },
    },
    {
      targetRefs: [{ group: '', kind: 'Service', name: 'a' }],
      validation: { hostname: 'a.b', wellKnownCACertificates: 'System' },
    },
  ],
  'Gateway.networking.istio.io': [
    {
      selector: { a: 'b' },
      servers: [
        {
          port: { number: 443, name: 'a', protocol: 'HTTPS' },
          hosts: ['*'],
          tls: { mode: 'SIMPLE', credentialName: 'a' },
        },
        {
          port: { number: 444, name: 'b', protocol: 'HTTPS' },
          hosts: ['*'],
          tls: { credentialNames: ['a'] },
        },
      ],
    },
  ],
  'ServiceEntry.networking.istio.io': [
    {
      hosts: ['a.b'],
      resolution: 'STATIC',
      addresses: ['10.0.0.0/8'],
      ports: [
        { number: 80, name: 'http', protocol: 'HTTP' },
        { number: 81, name: 'other', targetPort: 9 },
      ],
      endpoints: [workload, { address: 'unix:///run/a' }],
    },
    {
      hosts: ['a.b'],
      resolution: 'DNS',
      ports: [{ number: 80, name: 'http' }],
      endpoints: [{ address: 'c.d' }],
    },
    { hosts: ['a.b'], ports: [{ number: 80, name: 'http' }], workloadSelector: { labels: { a: 'b' } } },
  ],
  'WorkloadEntry.networking.istio.io': [workload, { address: 'unix:///run/a' }, { network: 'a' }],
}

const texts = [
  ...[
    '',
    'a',
    'b',
    'x',
    '*',
    'a.b',
    '*.a.b',
    'A_b',
    '10.0.0.1',
    '10.0.0.0/8',
    'unix://a',
    'unix:///a/',
    '0s',
    '5s',
  ],
  ...['/', '/a', '/a//b', '/a/./b', '/a/../b', '/a%2fb', '/a#', '/a/..', '/a/.', 'a', '/a b', '/a%zz'],
  ...[
    'Service',
    'Gateway',
    'HTTP',
    'HTTPS',
    'TLS',
    'TCP',
    'UDP',
    'Terminate',
    'Passthrough',
    'Exact',
    'PathPrefix',
  ],
  ...[
    'RegularExpression',
    'ReplaceFullPath',
    'ReplacePrefixMatch',
    'RequestRedirect',
    'URLRewrite',
    'RequestMirror',
  ],
  ...[
    'RequestHeaderModifier',
    'ResponseHeaderModifier',
    'CORS',
    'ExtensionRef',
    'ExternalAuth',
    'Hostname',
    'URI',
  ],
  ...[
    'IPAddress',
    'Cookie',
    'Header',
    'Permanent',
    'Session',
    'System',
    'NONE',
    'DNS',
    'STATIC',
    'DNS_ROUND_ROBIN',
  ],
]
const numbers = [0, 1, 2, 80, 81, 443, 70_000, 100]
const extras: Readonly<Record<string, unknown>> = {
  percent: 5,
  fraction: { numerator: 101 },
  hostname: 'a.b',
  uri: 'spiffe://a',
  port: 80,
  sectionName: 'x',
  tls: { mode: 'Terminate' },
  workloadSelector: { labels: { a: '*' } },
  endpoints: [{ address: '10.0.0.2' }],
  replaceFullPath: '/x',
  replacePrefixMatch: '/x',
  requestRedirect: { scheme: 'https' },
  urlRewrite: { path: { type: 'ReplacePrefixMatch', replacePrefixMatch: '/' } },
  backendRefs: [{ name: 'a' }],
  wellKnownCACertificates: 'System',
  name: 'one',
  credentialName: 'a',
  ports: { 'a b': 0 },
  absoluteTimeout: '1h',
}

/** One change somewhere below; the value is changed in place. */
export function mutate(value: unknown, random: () => number): void {
  const holders: (unknown[] | Record<string, unknown>)[] = []
  const collect = (each: unknown): void => {
    if (typeof each !== 'object' || each === null) return
    holders.push(each as Record<string, unknown>)
    for (const child of Object.values(each)) collect(child)
  }
  collect(value)
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!
  const holder = pick(holders)
  const change = random()
  if (Array.isArray(holder)) {
    if (holder.length > 0 && change < 0.5) holder.push(structuredClone(pick(holder)))
    else if (change < 0.75) holder.splice(Math.floor(random() * holder.length), 1)
    else if (typeof holder[0] === 'string') holder.push(pick(texts))
    return
  }
  const key = pick(Object.keys(holder))
  if (change < 0.25) delete holder[key]
  else if (change < 0.5) {
    const extra = pick(Object.keys(extras))
    holder[extra] = structuredClone(extras[extra])
  } else if (typeof holder[key] === 'string') holder[key] = pick(texts)
  else if (typeof holder[key] === 'number') holder[key] = pick(numbers)
}
