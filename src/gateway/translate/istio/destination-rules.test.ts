/** DestinationRules: which holds, how they merge, and what they make of a cluster; a row a rule. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Cluster } from '../../model/index.ts'
import { selfSignedPem } from '../../../../test/support/pem.ts'
import { includes, istio, told } from '../../../../test/support/translate-istio.ts'

const pair = selfSignedPem('client')
const files = { '/tls.crt': pair.certificate, '/tls.key': pair.key, '/ca.crt': pair.certificate }

interface Around {
  readonly subset?: string
  readonly entry?: string
  readonly host?: string
  readonly port?: number
}

const around = ({ subset, entry = '', host = 'echo.example.com', port = 80 }: Around = {}) => `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: web, namespace: edge }
spec: { servers: [{ port: { number: 8080, name: http, protocol: HTTP }, hosts: ['*'] }] }
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: one, namespace: edge }
spec:
  hosts: [a.com]
  gateways: [web]
  http: [{ route: [{ destination: { host: ${host}, port: { number: ${port} }${subset === undefined ? '' : `, subset: ${subset}`} } }] }]
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: echo, namespace: backend }
spec:
  hosts: [echo.example.com]
  ports: [{ number: 80, name: http, protocol: HTTP }, { number: 81, name: http2, protocol: HTTP2 }]
  resolution: STATIC
  endpoints:
    - { address: 10.0.0.1, labels: { version: v1 } }
    - { address: 10.0.0.2, labels: { version: v2 } }
  ${entry}
---
`
const rule = (
  spec: string,
  { name = 'r', namespace = 'edge', created = 0, host = 'echo.example.com' } = {},
) => `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: ${name}, namespace: ${namespace}, creationTimestamp: '${new Date(created * 1000).toISOString()}' }
spec: { host: "${host}"${spec && `, ${spec}`} }
---
`
const policy = (name: string) => `trafficPolicy: { loadBalancer: { simple: ${name} } }`

const clusterOf = (text: string): Cluster => {
  const [cluster, ...rest] = istio(text, { files }).clusters
  assert.ok(cluster)
  assert.deepEqual(rest, [])
  return cluster
}

describe('which rule holds', () => {
  const rows: [string, string, string | undefined][] = [
    ['none: least requests', '', undefined],
    ['of the Gateway`s namespace', rule(policy('RANDOM')), 'random'],
    ['of the service`s namespace', rule(policy('RANDOM'), { namespace: 'backend' }), 'random'],
    ['of istio-system', rule(policy('RANDOM'), { namespace: 'istio-system' }), 'random'],
    ['not of another namespace', rule(policy('RANDOM'), { namespace: 'other' }), undefined],
    [
      'the Gateway`s namespace before the service`s',
      rule(policy('RANDOM'), { namespace: 'backend' }) + rule(policy('ROUND_ROBIN')),
      'round-robin',
    ],
    [
      'even with a wider host',
      rule(policy('RANDOM'), { namespace: 'backend' }) +
        rule(policy('ROUND_ROBIN'), { host: '*.example.com' }),
      'round-robin',
    ],
    [
      'in one namespace the narrower host',
      rule(policy('RANDOM'), { name: 'a', host: '*' }) +
        rule(policy('ROUND_ROBIN'), { name: 'b', host: '*.example.com' }),
      'round-robin',
    ],
    [
      'the exact host before every wildcard',
      rule(policy('RANDOM'), { name: 'a', host: '*.example.com' }) +
        rule(policy('ROUND_ROBIN'), { name: 'b' }),
      'round-robin',
    ],
    [
      'one that is not exported to the Gateway`s namespace does not',
      rule(`${policy('RANDOM')}, exportTo: ['.']`, { namespace: 'backend' }),
      undefined,
    ],
    [
      'of one host the older trafficPolicy',
      rule(policy('RANDOM'), { name: 'a', created: 2 }) +
        rule(policy('ROUND_ROBIN'), { name: 'b', created: 1 }),
      'round-robin',
    ],
    [
      'a workloadSelector of another workload does not',
      rule(`${policy('RANDOM')}, workloadSelector: { matchLabels: { app: x } }`),
      undefined,
    ],
    [
      'a workloadSelector of this proxy before none',
      rule(policy('RANDOM'), { name: 'a' }) +
        rule(`${policy('ROUND_ROBIN')}, workloadSelector: { matchLabels: { istio: ingressgateway } }`, {
          name: 'b',
        }),
      'round-robin',
    ],
  ]
  for (const [name, rules, expected] of rows) {
    test(name, () => assert.equal(clusterOf(around() + rules).loadBalancer?.policy, expected))
  }
})

describe('subsets', () => {
  test('endpoints by their labels', () => {
    const cluster = clusterOf(
      around({ subset: 'v2' }) + rule('subsets: [{ name: v2, labels: { version: v2 } }]'),
    )
    assert.equal(cluster.name, 'outbound|80|v2|echo.example.com')
    assert.deepEqual(
      cluster.endpoints.map(({ address }) => address),
      ['10.0.0.2'],
    )
  })
  test('subsets of several rules of one host are put together', () => {
    const text =
      rule('subsets: [{ name: v1, labels: { version: v1 } }]', { name: 'a' }) +
      rule('subsets: [{ name: v2, labels: { version: v2 } }]', { name: 'b' })
    assert.equal(clusterOf(around({ subset: 'v2' }) + text).endpoints.length, 1)
  })
  test('of one name the older holds, and it is told', () => {
    const text =
      around({ subset: 'v' }) +
      rule('subsets: [{ name: v, labels: { version: v1 } }]', { name: 'a', created: 2 }) +
      rule('subsets: [{ name: v, labels: { version: v2 } }]', { name: 'b', created: 1 })
    assert.equal(clusterOf(text).endpoints[0]?.address, '10.0.0.2')
    assert.match(told(istio(text)).join('\n'), /duplicate-subset/)
  })
  test('without an endpoint it answers 503, which is told', () => {
    const text = around({ subset: 'v3' }) + rule('subsets: [{ name: v3, labels: { version: v3 } }]')
    assert.deepEqual(clusterOf(text).endpoints, [])
    assert.match(told(istio(text)).join('\n'), /no-endpoints: echo\.example\.com port 80 subset v3/)
  })
})

describe('levels of a policy', () => {
  const top = 'loadBalancer: { simple: RANDOM }, connectionPool: { tcp: { maxConnections: 7 } }'
  const rows: [string, Around, string, object][] = [
    [
      'the top level',
      {},
      `trafficPolicy: { ${top} }`,
      { loadBalancer: { policy: 'random' }, limits: { maxConnections: 7 } },
    ],
    [
      'a port`s settings replace all blocks, also those it leaves out',
      {},
      `trafficPolicy: { ${top}, portLevelSettings: [{ port: { number: 80 }, loadBalancer: { simple: ROUND_ROBIN } }] }`,
      { loadBalancer: { policy: 'round-robin' }, limits: undefined },
    ],
    [
      'not those of another port',
      {},
      `trafficPolicy: { ${top}, portLevelSettings: [{ port: { number: 81 }, loadBalancer: { simple: ROUND_ROBIN } }] }`,
      { loadBalancer: { policy: 'random' }, limits: { maxConnections: 7 } },
    ],
    [
      'a subset`s block replaces that of the top level, and no other',
      { subset: 'v1' },
      `trafficPolicy: { ${top} }, subsets: [{ name: v1, trafficPolicy: { loadBalancer: { simple: ROUND_ROBIN } } }]`,
      { loadBalancer: { policy: 'round-robin' }, limits: { maxConnections: 7 } },
    ],
    [
      'a subset`s port goes before all',
      { subset: 'v1' },
      `trafficPolicy: { ${top} }, subsets: [{ name: v1, trafficPolicy: { portLevelSettings: [{ port: { number: 80 }, loadBalancer: { simple: ROUND_ROBIN } }] } }]`,
      { loadBalancer: { policy: 'round-robin' }, limits: undefined },
    ],
  ]
  for (const [name, options, spec, expected] of rows) {
    test(name, () => {
      const cluster = clusterOf(around(options) + rule(spec))
      assert.ok(includes(cluster, expected), JSON.stringify(cluster))
    })
  }
})

describe('fields', () => {
  const hash = (key: string) => `loadBalancer: { consistentHash: { ${key} } }`
  const rows: [string, string, object][] = [
    ['LEAST_REQUEST is the default', 'loadBalancer: { simple: LEAST_REQUEST }', { loadBalancer: undefined }],
    [
      'warm-up',
      'loadBalancer: { simple: ROUND_ROBIN, warmup: { duration: 30s } }',
      { loadBalancer: { policy: 'round-robin', warmupSeconds: 30 } },
    ],
    [
      'a header',
      hash('httpHeaderName: X-User'),
      { loadBalancer: { policy: 'ring-hash', hash: { kind: 'header', name: 'x-user' } } },
    ],
    [
      'a query parameter',
      hash('httpQueryParameterName: User'),
      { loadBalancer: { policy: 'ring-hash', hash: { kind: 'query', name: 'User' } } },
    ],
    [
      'the source address',
      hash('useSourceIp: true'),
      { loadBalancer: { policy: 'ring-hash', hash: { kind: 'source-ip' } } },
    ],
    [
      'a cookie',
      hash('httpCookie: { name: u, path: /x, ttl: 60s }'),
      {
        loadBalancer: {
          policy: 'ring-hash',
          hash: { kind: 'cookie', name: 'u', path: '/x', ttlSeconds: 60 },
        },
      },
    ],
    ['maglev', hash('useSourceIp: true, maglev: {}'), { loadBalancer: { policy: 'maglev' } }],
    [
      'connection pool',
      'connectionPool: { tcp: { maxConnections: 1, connectTimeout: 30ms, idleTimeout: 9s, tcpKeepalive: { time: 7200s } }, http: { http1MaxPendingRequests: 2, http2MaxRequests: 3, maxRetries: 4, maxRequestsPerConnection: 5, idleTimeout: 6s } }',
      {
        connectTimeoutMs: 30,
        limits: {
          maxConnections: 1,
          maxPendingRequests: 2,
          maxRequests: 3,
          maxRetries: 4,
          maxRequestsPerConnection: 5,
          idleTimeoutMs: 6000,
          tcpKeepaliveMs: 7_200_000,
        },
      },
    ],
    ['h2 by upgrade', 'connectionPool: { http: { h2UpgradePolicy: UPGRADE } }', { protocol: 'h2' }],
    ['as the client', 'connectionPool: { http: { useClientProtocol: true } }', { protocol: 'auto' }],
    [
      'outlier detection has Envoy`s defaults',
      'outlierDetection: {}',
      {
        outlierDetection: {
          consecutive5xx: 5,
          intervalMs: 10_000,
          baseEjectionMs: 30_000,
          maxEjectionPercent: 10,
          minHealthPercent: 0,
        },
      },
    ],
    [
      'outlier detection',
      'outlierDetection: { consecutive5xxErrors: 0, consecutiveGatewayErrors: 2, splitExternalLocalOriginErrors: true, consecutiveLocalOriginFailures: 3, interval: 1s, baseEjectionTime: 2s, maxEjectionPercent: 100, minHealthPercent: 20 }',
      {
        outlierDetection: {
          consecutive5xx: undefined,
          consecutiveGatewayErrors: 2,
          consecutiveLocalErrors: 3,
          intervalMs: 1000,
          baseEjectionMs: 2000,
          maxEjectionPercent: 100,
          minHealthPercent: 20,
        },
      },
    ],
    ['PROXY protocol', 'proxyProtocol: { version: V2 }', { proxyProtocol: 'v2' }],
    ['TLS off', 'tls: { mode: DISABLE }', { tls: undefined }],
    [
      'TLS with the system`s roots and the host of the request',
      'tls: { mode: SIMPLE }',
      { tls: { trust: 'system', serverName: undefined } },
    ],
    [
      'TLS with names and a file',
      'tls: { mode: SIMPLE, sni: b.com, subjectAltNames: [c.com], caCertificates: /ca.crt }',
      {
        tls: {
          serverName: 'b.com',
          subjectAltNames: [{ kind: 'any', value: 'c.com' }],
          trust: { secret: 'File//ca.crt' },
        },
      },
    ],
    [
      'TLS without a check',
      'tls: { mode: SIMPLE, insecureSkipVerify: true }',
      { tls: { trust: 'insecure' } },
    ],
    [
      'TLS with a certificate of its own',
      'tls: { mode: MUTUAL, clientCertificate: /tls.crt, privateKey: /tls.key }',
      { tls: { trust: 'system', clientCertificate: 'File//tls.crt|/tls.key' } },
    ],
    [
      'TLS that cannot be had is broken, not plain',
      'tls: { mode: SIMPLE, caCertificates: /none }',
      { tls: { broken: '/none cannot be read' } },
    ],
    [
      'ISTIO_MUTUAL',
      'tls: { mode: ISTIO_MUTUAL }',
      { tls: { broken: 'ISTIO_MUTUAL needs the certificates of a mesh' } },
    ],
    [
      'MUTUAL without a certificate',
      'tls: { mode: MUTUAL }',
      { tls: { broken: 'MUTUAL needs clientCertificate and privateKey' } },
    ],
  ]
  for (const [name, spec, expected] of rows) {
    test(name, () => {
      const cluster = clusterOf(around() + rule(`trafficPolicy: { ${spec} }`))
      assert.ok(includes(cluster, expected), JSON.stringify(cluster))
    })
  }

  test('names of the ServiceEntry are those of its certificate', () => {
    const cluster = clusterOf(
      around({ entry: 'subjectAltNames: [spiffe://a/b]' }) + rule('trafficPolicy: { tls: { mode: SIMPLE } }'),
    )
    assert.deepEqual(cluster.tls?.subjectAltNames, [{ kind: 'any', value: 'spiffe://a/b' }])
  })

  test('a Secret', () => {
    const data = { 'tls.crt': pair.certificate, 'tls.key': pair.key, 'ca.crt': pair.certificate }
    const secret = `
apiVersion: v1
kind: Secret
metadata: { name: s, namespace: edge }
stringData: ${JSON.stringify(data)}
---
`
    const made = istio(
      around() + rule('trafficPolicy: { tls: { mode: MUTUAL, credentialName: s } }') + secret,
    )
    assert.deepEqual(told(made), [])
    assert.deepEqual(made.clusters[0]?.tls, {
      trust: { secret: 'Secret/edge/s#ca' },
      clientCertificate: 'Secret/edge/s',
    })
    assert.deepEqual(made.secrets.map(({ name }) => name).toSorted(), ['Secret/edge/s', 'Secret/edge/s#ca'])
  })

  test('a port that speaks HTTP/2', () => assert.equal(clusterOf(around({ port: 81 })).protocol, 'h2'))
})

describe('what is told', () => {
  const rows: [string, string, RegExp][] = [
    [
      'a rule that no route leads to',
      rule('', { host: 'nobody.com' }),
      /destination-rule-without-effect: no service has the host nobody\.com/,
    ],
    ['a rule of another namespace', rule('', { namespace: 'other' }), /destination-rule-without-effect/],
    [
      'two policies for one host',
      rule(policy('RANDOM'), { name: 'a' }) + rule(policy('RANDOM'), { name: 'b' }),
      /destination-rule-conflict: DestinationRule edge\/a/,
    ],
    [
      'tunnel',
      rule('trafficPolicy: { tunnel: { targetHost: x, targetPort: 1 } }'),
      /trafficPolicy\.tunnel has no effect/,
    ],
    ['retryBudget', rule('trafficPolicy: { retryBudget: {} }'), /retryBudget has no effect/],
    ['PASSTHROUGH', rule(policy('PASSTHROUGH')), /loadBalancer\.simple has no effect/],
    [
      'locality',
      rule('trafficPolicy: { loadBalancer: { localityLbSetting: {} } }'),
      /localityLbSetting has no effect/,
    ],
    [
      'maxConnectionDuration',
      rule('trafficPolicy: { connectionPool: { tcp: { maxConnectionDuration: 1h } } }'),
      /maxConnectionDuration has no effect/,
    ],
    [
      'TLS that cannot be had',
      rule('trafficPolicy: { tls: { mode: SIMPLE, caCertificates: /none } }'),
      /upstream-tls: \/none cannot be read, so requests get 503/,
    ],
  ]
  for (const [name, rules, expected] of rows) {
    test(name, () => assert.match(told(istio(around() + rules)).join('\n'), expected))
  }
})
