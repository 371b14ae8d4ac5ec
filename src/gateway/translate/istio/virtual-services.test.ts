/** Order, binding and merging of VirtualServices (Istio's rules), a row a rule. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { hostsOf, istio, routesFor, told } from '../../../../test/support/translate-istio.ts'

const gateway = (hosts: string, { name = 'web', namespace = 'default', port = 8080, more = '' } = {}) => `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: ${name}, namespace: ${namespace} }
spec:
  selector: { istio: ingressgateway }
  servers: [{ port: { number: ${port}, name: http-${port}, protocol: HTTP }, hosts: [${hosts}]${more} }]
---
`

interface Service {
  readonly name?: string
  readonly namespace?: string
  readonly created?: number
  readonly hosts?: string
  readonly gateways?: string
  readonly exportTo?: string
  /** answers by path prefix */
  readonly paths?: readonly string[]
  readonly http?: string
}

const service = ({
  name = 'one',
  namespace = 'default',
  created = 0,
  hosts = 'a.example.com',
  gateways = 'web',
  exportTo,
  paths = ['/'],
  http,
}: Service = {}) => `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: ${name}, namespace: ${namespace}, creationTimestamp: '${new Date(created * 1000).toISOString()}' }
spec:
  hosts: [${hosts}]
  gateways: [${gateways}]${exportTo === undefined ? '' : `\n  exportTo: [${exportTo}]`}
  http:
${http ?? paths.map((path) => `    - { match: [{ uri: { prefix: ${path} } }], directResponse: { status: 200, body: { string: ${name} } } }`).join('\n')}
---
`

/** `path name` of each route of a domain, in order. */
const order = (text: string, domain = 'a.example.com') =>
  routesFor(istio(text), domain).map(
    ({ match, name }) => `${match.path.value} ${name.split(' ')[1]?.split('/')[1]}`,
  )

describe('order of VirtualServices for one host', () => {
  const rows: [string, string, string[]][] = [
    [
      'the older one comes first',
      service({ name: 'a', created: 2, paths: ['/x'] }) + service({ name: 'b', created: 1, paths: ['/y'] }),
      ['/y b', '/x a'],
    ],
    [
      'of one age the name decides, before the namespace',
      service({ name: 'b', namespace: 'a', gateways: 'default/web', paths: ['/y'] }) +
        service({ name: 'a', namespace: 'b', gateways: 'default/web', paths: ['/x'] }),
      ['/x a', '/y b'],
    ],
    [
      'of one name the namespace decides',
      service({ name: 'a', namespace: 'z', gateways: 'default/web', paths: ['/z'] }) +
        service({ name: 'a', namespace: 'b', gateways: 'default/web', paths: ['/b'] }),
      ['/b a', '/z a'],
    ],
    [
      'a catch-all moves behind the routes of younger ones',
      service({ name: 'a', created: 1 }) + service({ name: 'b', created: 2, paths: ['/y'] }),
      ['/y b', '/ a'],
    ],
    [
      'the regex .* is a catch-all',
      service({
        name: 'a',
        http: `    - { match: [{ uri: { regex: '.*' } }], directResponse: { status: 200 } }`,
      }) + service({ name: 'b', paths: ['/y'] }),
      ['/y b', '.* a'],
    ],
    [
      'a prefix / with a header condition is no catch-all',
      service({
        name: 'a',
        http: `    - { match: [{ uri: { prefix: / }, headers: { x: { exact: '1' } } }], directResponse: { status: 200 } }`,
      }) + service({ name: 'b', paths: ['/y'] }),
      ['/ a', '/y b'],
    ],
    [
      'inside one the order is as written, and no path beats another',
      service({ name: 'a', paths: ['/a', '/a/b', '/'] }),
      ['/a a', '/a/b a', '/ a'],
    ],
    ['what is behind a catch-all is left out', service({ name: 'a', paths: ['/', '/never'] }), ['/ a']],
    [
      'entries of match are alternatives, each a route of its own',
      service({
        name: 'a',
        http: `    - { match: [{ uri: { exact: /x } }, { uri: { exact: /y } }], directResponse: { status: 200 } }`,
      }),
      ['/x a', '/y a'],
    ],
  ]
  for (const [name, text, expected] of rows) {
    test(name, () => assert.deepEqual(order(gateway('"*"') + text), expected))
  }

  test('an unreachable rule is told', () => {
    const [line] = told(istio(gateway('"*"') + service({ paths: ['/', '/never'] })))
    assert.match(line ?? '', /^unreachable-rule: it is never reached/)
  })
})

describe('hosts of server and VirtualService', () => {
  const rows: [string, string, string, string[]][] = [
    ['equal hosts', 'a.example.com', 'a.example.com', ['a.example.com']],
    ['a wildcard server takes a narrower host', '"*.example.com"', 'a.example.com', ['a.example.com']],
    ['a wildcard stands for several labels', '"*.example.com"', 'a.b.example.com', ['a.b.example.com']],
    ['a wildcard is not its own suffix', '"*.example.com"', 'example.com', []],
    ['a wildcard VirtualService at a narrower server', 'a.example.com', '"*.example.com"', ['a.example.com']],
    ['two wildcards: the narrower', '"*.example.com"', '"*.b.example.com"', ['*.b.example.com']],
    ['* takes all', '"*"', 'a.example.com, b.example.com', ['a.example.com', 'b.example.com']],
    ['* and * is *', '"*"', '"*"', ['*']],
    ['no overlap: not attached', 'a.example.com', 'b.example.com', []],
    ['hosts have no case', 'A.Example.com', 'a.example.COM', ['a.example.com']],
    ['./host is for the own namespace', './a.example.com', 'a.example.com', ['a.example.com']],
    ['*/host is for every namespace', '"*/a.example.com"', 'a.example.com', ['a.example.com']],
    ['namespace/host', 'default/a.example.com', 'a.example.com', ['a.example.com']],
    ['another namespace/host', 'other/a.example.com', 'a.example.com', []],
  ]
  for (const [name, server, hosts, domains] of rows) {
    test(name, () => {
      const found = hostsOf(istio(gateway(server) + service({ hosts })))
      assert.deepEqual(
        found.flatMap((host) => host.domains),
        domains,
      )
    })
  }

  test('./host refuses a VirtualService of another namespace', () => {
    const text = gateway('./a.example.com') + service({ namespace: 'other', gateways: 'default/web' })
    assert.deepEqual(hostsOf(istio(text)), [])
    assert.match(told(istio(text)).join('\n'), /no-matching-host: no server of Gateway default\/web/)
  })

  test('hosts of one VirtualService share a virtual host', () => {
    const [host, ...rest] = hostsOf(istio(gateway('"*"') + service({ hosts: 'b.com, a.com' })))
    assert.deepEqual(host?.domains, ['a.com', 'b.com'])
    assert.deepEqual(rest, [])
  })
})

describe('how a VirtualService names its Gateway', () => {
  const other = gateway('"*"', { name: 'web', namespace: 'infra' })
  const rows: [string, string, boolean][] = [
    ['a short name is of its own namespace', 'web', false],
    ['namespace/name', 'infra/web', true],
    ['an old name in dots', 'web.infra.svc.cluster.local', true],
    ['./name is of its own namespace', './web', false],
    ['mesh beside a Gateway', 'mesh, infra/web', true],
    ['mesh alone is for sidecars', 'mesh', false],
  ]
  for (const [name, gateways, isAttached] of rows) {
    test(name, () =>
      assert.equal(routesFor(istio(other + service({ gateways })), 'a.example.com').length > 0, isAttached),
    )
  }

  test('./name', () => {
    const text = gateway('"*"') + service({ gateways: './web' })
    assert.equal(routesFor(istio(text), 'a.example.com').length, 1)
  })

  test('a Gateway that is not there is told', () => {
    assert.deepEqual(told(istio(other + service({ gateways: 'web' }))), [
      'gateway-not-found: Gateway default/web does not exist',
    ])
  })

  test('no Gateway at all is told', () => {
    assert.match(told(istio(service({ gateways: 'mesh' }))).join(), /virtual-service-for-mesh/)
  })
})

describe('exportTo', () => {
  const rows: [string, boolean][] = [
    ['"*"', true],
    ['"."', false],
    ['"~"', false],
    ['infra', true],
    ['other', false],
    ['other, infra', true],
  ]
  for (const [exportTo, isAttached] of rows) {
    test(`${exportTo} to a Gateway of another namespace`, () => {
      const text = gateway('"*"', { namespace: 'infra' }) + service({ gateways: 'infra/web', exportTo })
      assert.equal(routesFor(istio(text), 'a.example.com').length === 1, isAttached)
    })
  }
  test('"." to a Gateway of the own namespace', () => {
    const text = gateway('"*"') + service({ exportTo: '"."' })
    assert.equal(routesFor(istio(text), 'a.example.com').length, 1)
  })
})

describe('matches that are decided beforehand', () => {
  const rows: [string, string, boolean][] = [
    ['the port of the server', 'port: 8080', true],
    ['another port', 'port: 9090', false],
    ['the Gateway', 'gateways: [web]', true],
    ['another Gateway', 'gateways: [other]', false],
    ['labels of this proxy', 'sourceLabels: { istio: ingressgateway }', true],
    ['labels of another workload', 'sourceLabels: { app: client }', false],
    ['a namespace of the source', 'sourceNamespace: default', false],
  ]
  for (const [name, match, holds] of rows) {
    test(name, () => {
      const http = `    - { match: [{ ${match} }], directResponse: { status: 200 } }`
      assert.equal(routesFor(istio(gateway('"*"') + service({ http })), 'a.example.com').length === 1, holds)
    })
  }
})

describe('delegates', () => {
  const root = (match: string, delegate = 'name: sub, namespace: team') =>
    service({
      name: 'root',
      http: `    - { name: r, match: [{ ${match} }], timeout: 5s, headers: { request: { set: { x: root } } }, delegate: { ${delegate} } }`,
    })
  const sub = (match: string, more = '', exportTo = '') => `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: sub, namespace: team }
spec:
${exportTo}
  http: [{ name: d${match === '' ? '' : `, match: [{ ${match} }]`}, route: [{ destination: { host: echo } }]${more} }]
---
apiVersion: v1
kind: Service
metadata: { name: echo, namespace: team }
spec: { ports: [{ port: 80 }], type: ExternalName, externalName: echo.local }
---
`
  const rows: [string, string, string, string[]][] = [
    ['no match of its own: the root`s', 'uri: { prefix: /a }', '', ['prefix /a']],
    ['a narrower prefix', 'uri: { prefix: /a }', 'uri: { prefix: /a/b }', ['prefix /a/b']],
    ['a path within the prefix', 'uri: { prefix: /a }', 'uri: { exact: /a/b }', ['exact /a/b']],
    ['another prefix is left out', 'uri: { prefix: /a }', 'uri: { prefix: /b }', []],
    ['a wider prefix is left out', 'uri: { prefix: /a/b }', 'uri: { prefix: /a }', []],
    ['an equal path', 'uri: { exact: /a }', 'uri: { exact: /a }', ['exact /a']],
    ['a prefix below an exact path is left out', 'uri: { exact: /a }', 'uri: { prefix: /a }', []],
    ['a regex below a regex is left out', 'uri: { regex: /a.* }', 'uri: { regex: /a.* }', []],
    [
      'a regex in the root and nothing else',
      'uri: { regex: /a.* }',
      'method: { exact: GET }',
      ['regex /a.*'],
    ],
    ['the port must be the same', 'port: 8080', 'port: 9090', []],
  ]
  for (const [name, rootMatch, match, expected] of rows) {
    test(name, () => {
      const routes = routesFor(istio(gateway('"*"') + root(rootMatch) + sub(match)), 'a.example.com')
      assert.deepEqual(
        routes.map(({ match: { path } }) => `${path.kind} ${path.value}`),
        expected,
      )
    })
  }

  test('what the delegate leaves open is the root`s, short hosts are of its own namespace', () => {
    const made = istio(gateway('"*"') + root('uri: { prefix: /a }') + sub(''))
    const [route] = routesFor(made, 'a.example.com')
    assert.deepEqual(told(made), [])
    assert.equal(route?.name, 'VirtualService default/root via VirtualService team/sub http 0 match 0 (r-d)')
    assert.deepEqual(route.requestHeaders, { set: [{ name: 'x', value: 'root' }] })
    assert.equal(route.action.kind === 'forward' && route.action.timeoutMs, 5000)
    assert.deepEqual(
      made.clusters.map(({ name: cluster }) => cluster),
      ['outbound|80||echo.team.svc.cluster.local'],
    )
  })

  test('what it has itself holds', () => {
    const made = istio(gateway('"*"') + root('uri: { prefix: /a }') + sub('', ', timeout: 1s'))
    const [route] = routesFor(made, 'a.example.com')
    assert.equal(route?.action.kind === 'forward' && route.action.timeoutMs, 1000)
  })

  const failures: [string, string, RegExp][] = [
    [
      'one that is not there',
      root('port: 8080', 'name: nobody'),
      /delegate-not-found: VirtualService default\/nobody/,
    ],
    ['one that has hosts', root('port: 8080', 'name: root'), /has hosts, so it is not a delegate/],
    [
      'one that is not exported',
      root('port: 8080') + sub('', '', '  exportTo: ["."]'),
      /team\/sub is not exported to default/,
    ],
    ['one that nobody uses', sub(''), /unused-delegate/],
    [
      'one that delegates further',
      root('port: 8080') + sub('', ', delegate: { name: more }'),
      /delegate-of-delegate/,
    ],
  ]
  for (const [name, text, expected] of failures) {
    test(`${name} is told`, () => assert.match(told(istio(gateway('"*"') + text)).join('\n'), expected))
  }
})

describe('httpsRedirect', () => {
  const redirecting = gateway('a.example.com, b.example.com', { more: ', tls: { httpsRedirect: true }' })
  test('is for every host of the server, with routes or without', () => {
    assert.deepEqual(
      hostsOf(istio(redirecting + service())).map(({ domains, requireTls, routes }) => [
        domains,
        requireTls,
        routes.length,
      ]),
      [
        [['a.example.com'], true, 1],
        [['b.example.com'], true, 0],
      ],
    )
  })
  test('without it there is none', () => {
    assert.equal(hostsOf(istio(gateway('"*"') + service()))[0]?.requireTls, undefined)
  })
})
