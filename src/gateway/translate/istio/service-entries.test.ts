/** ServiceEntries and WorkloadEntries as clusters, a row a rule. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { includes, istio, told } from '../../../../test/support/translate-istio.ts'

const around = (host = 'echo.local', port = '80') => `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: web }
spec: { servers: [{ port: { number: 8080, name: http, protocol: HTTP }, hosts: ['*'] }] }
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: one }
spec: { hosts: [a.com], gateways: [web], http: [{ route: [{ destination: { host: ${host}, port: { number: ${port} } } }] }] }
---
`
const entry = (
  spec: string,
  { name = 'e', namespace = 'default', created = 0, hosts = 'echo.local' } = {},
) => `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: ${name}, namespace: ${namespace}, creationTimestamp: '${new Date(created * 1000).toISOString()}' }
spec: { hosts: [${hosts}], ports: [{ number: 80, name: http, protocol: HTTP, targetPort: 8080 }], ${spec} }
---
`
const workload = (name: string, spec: string, namespace = 'default') => `
apiVersion: networking.istio.io/v1
kind: WorkloadEntry
metadata: { name: ${name}, namespace: ${namespace}, labels: { app: echo } }
spec: { ${spec} }
---
`

describe('ServiceEntry', () => {
  const rows: [string, string, object][] = [
    [
      'DNS: every address of the host',
      entry('resolution: DNS'),
      { discovery: 'strict-dns', endpoints: [{ address: 'echo.local', port: 8080 }] },
    ],
    [
      'DNS with endpoints: every address of theirs',
      entry(
        'resolution: DNS, endpoints: [{ address: a.internal }, { address: 10.0.0.1, ports: { http: 9000 } }]',
      ),
      {
        discovery: 'strict-dns',
        endpoints: [
          { address: 'a.internal', port: 8080 },
          { address: '10.0.0.1', port: 9000 },
        ],
      },
    ],
    [
      'DNS_ROUND_ROBIN',
      entry('resolution: DNS_ROUND_ROBIN'),
      { discovery: 'logical-dns', endpoints: [{ address: 'echo.local', port: 8080 }] },
    ],
    [
      'STATIC',
      entry('resolution: STATIC, endpoints: [{ address: 10.0.0.1, weight: 3, locality: eu/a }]'),
      { discovery: 'static', endpoints: [{ address: '10.0.0.1', port: 8080, weight: 3, locality: 'eu/a' }] },
    ],
    [
      'a Unix socket has no port',
      entry('resolution: STATIC, endpoints: [{ address: "unix:///run/echo" }]'),
      { endpoints: [{ address: 'unix:/run/echo', port: 0 }] },
    ],
    [
      'NONE at a gateway: its endpoints',
      entry('resolution: NONE, endpoints: [{ address: 10.0.0.1 }]'),
      { discovery: 'static', endpoints: [{ address: '10.0.0.1' }] },
    ],
    ['NONE without endpoints: nobody', entry('resolution: NONE'), { endpoints: [] }],
    [
      'a workloadSelector takes WorkloadEntries of the namespace',
      entry('resolution: STATIC, workloadSelector: { labels: { app: echo } }') +
        workload('a', 'address: 10.0.0.1, labels: { version: v1 }') +
        workload('b', 'address: 10.0.0.2', 'other'),
      { endpoints: [{ address: '10.0.0.1', port: 8080 }] },
    ],
    [
      'of one host in a namespace the oldest holds',
      entry('resolution: STATIC, endpoints: [{ address: 10.0.0.2 }]', { name: 'a', created: 2 }) +
        entry('resolution: STATIC, endpoints: [{ address: 10.0.0.1 }]', { name: 'b', created: 1 }),
      { endpoints: [{ address: '10.0.0.1' }] },
    ],
    [
      'that of the own namespace before older ones of others',
      entry('resolution: STATIC, endpoints: [{ address: 10.0.0.2 }]', { namespace: 'other', created: 1 }) +
        entry('resolution: STATIC, endpoints: [{ address: 10.0.0.1 }]', { created: 2 }),
      { endpoints: [{ address: '10.0.0.1' }] },
    ],
    [
      'one that is not exported is not seen',
      entry(`resolution: STATIC, endpoints: [{ address: 10.0.0.2 }], exportTo: ['.']`, { namespace: 'a' }) +
        entry('resolution: STATIC, endpoints: [{ address: 10.0.0.1 }]', { namespace: 'b', created: 1 }),
      { endpoints: [{ address: '10.0.0.1' }] },
    ],
  ]
  for (const [name, text, expected] of rows) {
    test(name, () => {
      const [cluster] = istio(around() + text).clusters
      assert.equal(cluster?.name, 'outbound|80||echo.local')
      assert.ok(includes(cluster, expected), JSON.stringify(cluster))
    })
  }

  test('DYNAMIC_DNS: the host of the request', () => {
    const [cluster] = istio(
      around('"*.example.com"') + entry('resolution: DYNAMIC_DNS', { hosts: '"*.example.com"' }),
    ).clusters
    assert.equal(cluster?.name, 'outbound|80||*.example.com')
    assert.equal(cluster.discovery, 'dynamic-dns')
    assert.ok(includes(cluster.endpoints, [{ address: '*.example.com', port: 8080 }]))
  })

  test('a Service of Kubernetes before a ServiceEntry of its host', () => {
    const host = 'echo.default.svc.cluster.local'
    const made = istio(
      around('echo') +
        entry('resolution: STATIC, endpoints: [{ address: 10.0.0.2 }]', { hosts: host }) +
        `
apiVersion: v1
kind: Service
metadata: { name: echo }
spec: { ports: [{ name: http, port: 80 }] }
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: { name: echo-1, labels: { kubernetes.io/service-name: echo } }
addressType: IPv4
ports: [{ name: http, port: 8080 }]
endpoints: [{ addresses: [10.0.0.1] }]
`,
    )
    assert.deepEqual(
      made.clusters.map(({ endpoints }) => endpoints.map(({ address }) => address)),
      [['10.0.0.1']],
    )
    assert.match(
      told(made).join(),
      /duplicate-service-host: host echo\.default\.svc\.cluster\.local is that of Service default\/echo/,
    )
  })

  test('a Service of Kubernetes selects WorkloadEntries, which have labels for subsets', () => {
    const made = istio(
      around('echo').replace('host: echo,', 'host: echo, subset: v2,') +
        `
apiVersion: v1
kind: Service
metadata: { name: echo }
spec: { selector: { app: echo }, ports: [{ name: http, port: 80, targetPort: 9080 }] }
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: echo }
spec: { host: echo, subsets: [{ name: v2, labels: { version: v2 } }] }
---
` +
        workload('a', 'address: 10.0.0.1, labels: { version: v1 }') +
        workload('b', 'address: 10.0.0.2, labels: { version: v2 }') +
        workload('c', 'address: 10.0.0.3, labels: { version: v2 }, ports: { http: 9999 }'),
    )
    assert.deepEqual(told(made), [])
    assert.deepEqual(
      made.clusters.map(({ endpoints }) => endpoints.map(({ address, port }) => `${address}:${port}`)),
      [['10.0.0.2:9080', '10.0.0.3:9999']],
    )
  })

  test('a destination without a port takes the only one, else that of the listener', () => {
    const plain = around().replace(', port: { number: 80 }', '')
    assert.equal(istio(plain + entry('resolution: DNS')).clusters[0]?.name, 'outbound|80||echo.local')
    const two = entry('resolution: DNS').replace(
      'ports: [',
      'ports: [{ number: 8080, name: other, protocol: HTTP }, ',
    )
    assert.equal(istio(plain + two).clusters[0]?.name, 'outbound|8080||echo.local')
  })
})

describe('what is told', () => {
  const rows: [string, string, RegExp][] = [
    [
      'NONE without endpoints',
      entry('resolution: NONE'),
      /no-endpoints: echo\.local port 80 has no endpoints/,
    ],
    [
      'endpoints beside a selector',
      entry(
        'resolution: STATIC, workloadSelector: { labels: { app: x } }, endpoints: [{ address: 10.0.0.1 }]',
      ),
      /endpoints-and-selector/,
    ],
    [
      'a name with STATIC',
      entry('resolution: STATIC, endpoints: [{ address: a.internal }]'),
      /endpoint-is-a-name: a\.internal/,
    ],
    [
      'a WorkloadEntry that nobody selects',
      entry('resolution: DNS') + workload('a', 'address: 10.0.0.1'),
      /workload-entry-not-selected/,
    ],
    [
      'one host twice',
      entry('resolution: DNS', { name: 'a' }) + entry('resolution: DNS', { name: 'b' }),
      /duplicate-service-host: host echo\.local is that of ServiceEntry default\/a/,
    ],
  ]
  for (const [name, text, expected] of rows) {
    test(name, () => assert.match(told(istio(around() + text)).join('\n'), expected))
  }
})

test('statuses', () => {
  const made = istio(
    around() +
      entry('resolution: STATIC, workloadSelector: { labels: { app: echo } }') +
      entry('resolution: DNS', { name: 'f', hosts: 'unused.local' }) +
      workload('a', 'address: 10.0.0.1'),
  )
  const messages = made.statuses.map(({ kind, name, status }) => {
    const [reconciled] = status['conditions'] as { status: string; message: string }[]
    return `${kind} ${name}: ${reconciled?.status} ${reconciled?.message}`
  })
  assert.deepEqual(messages, [
    'Gateway web: True 1 of 1 servers are served',
    'VirtualService one: True served by default/web',
    'ServiceEntry e: True a destination of routes',
    'ServiceEntry f: True no VirtualService leads to it',
    'WorkloadEntry a: True an endpoint of ServiceEntry default/e',
  ])
})
