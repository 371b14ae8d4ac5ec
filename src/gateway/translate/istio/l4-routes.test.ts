/** `tcp` and `tls` routes of VirtualServices, a row a rule. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { selfSignedPem } from '../../../../test/support/pem.ts'
import { istio, told } from '../../../../test/support/translate-istio.ts'

const pair = selfSignedPem('example.com')
const files = { '/tls.crt': pair.certificate, '/tls.key': pair.key }

const gateway = (servers: string) => `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: web }
spec: { servers: [${servers}] }
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: echo }
spec: { hosts: [a.local, b.local], ports: [{ number: 9000, name: tcp, protocol: TCP }], resolution: DNS }
---
`
const server = (protocol: string, { number = 9000, hosts = '"*"', tls = '' } = {}) =>
  `{ port: { number: ${number}, name: p${number}, protocol: ${protocol} }, hosts: [${hosts}]${tls && `, tls: { ${tls} }`} }`
const service = (name: string, rules: string, hosts = '"*"') => `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: ${name} }
spec: { hosts: [${hosts}], gateways: [web], ${rules} }
---
`
const to = (host: string) => `route: [{ destination: { host: ${host}.local } }]`

/** `names > shares` of each chain. */
const chains = (text: string) =>
  istio(text, { files }).listeners.flatMap(({ port, filterChains }) =>
    filterChains.map(({ match, filter, tls }) => {
      assert.ok(filter.kind === 'tcp')
      const shares = filter.targets.map(
        ({ cluster, weight }) => `${cluster?.split('|')[3] ?? 'refused'} ${weight}`,
      )
      const names = match.tls ? `${tls ? 'ends' : 'passes'} ${match.serverNames.join(' ') || 'any'}` : 'plain'
      return `${port} ${names} > ${shares.join(', ')}`
    }),
  )

describe('tcp', () => {
  const rows: [string, string, string[]][] = [
    ['the first rule', service('v', `tcp: [{ ${to('a')} }, { ${to('b')} }]`), ['9000 plain > a.local 1']],
    [
      'the rule of the port',
      service('v', `tcp: [{ match: [{ port: 1 }], ${to('a')} }, { match: [{ port: 9000 }], ${to('b')} }]`),
      ['9000 plain > b.local 1'],
    ],
    [
      'labels of the source are not looked at',
      service('v', `tcp: [{ match: [{ sourceLabels: { app: x } }], ${to('a')} }]`),
      ['9000 plain > a.local 1'],
    ],
    [
      'the rule of the Gateway',
      service(
        'v',
        `tcp: [{ match: [{ gateways: [other] }], ${to('a')} }, { match: [{ gateways: [web] }], ${to('b')} }]`,
      ),
      ['9000 plain > b.local 1'],
    ],
    [
      'the first VirtualService by age and name',
      service('w', `tcp: [{ ${to('b')} }]`) + service('v', `tcp: [{ ${to('a')} }]`),
      ['9000 plain > a.local 1'],
    ],
    [
      'weights; a share without a destination is refused',
      service(
        'v',
        'tcp: [{ route: [{ destination: { host: a.local }, weight: 70 }, { destination: { host: none.local }, weight: 30 }] }]',
      ),
      ['9000 plain > a.local 70, refused 30'],
    ],
    ['nobody listens without a rule', service('v', `tcp: [{ match: [{ port: 1 }], ${to('a')} }]`), []],
  ]
  for (const [name, text, expected] of rows) {
    test(name, () => assert.deepEqual(chains(gateway(server('TCP')) + text), expected))
  }

  test('TLS ends here when the server says so, for its hosts', () => {
    const tls = 'serverCertificate: /tls.crt, privateKey: /tls.key'
    const text =
      gateway(server('TLS', { tls, hosts: 'a.com, b.com' })) + service('v', `tcp: [{ ${to('a')} }]`, 'a.com')
    assert.deepEqual(chains(text), ['9000 ends a.com b.com > a.local 1'])
    assert.deepEqual(istio(text, { files }).listeners[0]?.filterChains[0]?.tls?.alpn, [])
  })

  test('the idle time is the destination`s', () => {
    const rule = `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: r }
spec: { host: a.local, trafficPolicy: { connectionPool: { tcp: { idleTimeout: 5s } } } }
`
    const made = istio(gateway(server('TCP')) + service('v', `tcp: [{ ${to('a')} }]`) + rule)
    const filter = made.listeners[0]?.filterChains[0]?.filter
    assert.equal(filter?.kind === 'tcp' && filter.idleTimeoutMs, 5000)
  })
})

describe('tls', () => {
  const through = { tls: 'mode: PASSTHROUGH' }
  const rows: [string, string, string[]][] = [
    [
      'a chain for each match',
      service('v', `tls: [{ match: [{ sniHosts: [a.com] }, { sniHosts: [b.com, c.com] }], ${to('a')} }]`),
      ['9000 passes a.com > a.local 1', '9000 passes b.com c.com > a.local 1'],
    ],
    [
      'a wildcard',
      service('v', `tls: [{ match: [{ sniHosts: ['*.a.com'] }], ${to('a')} }]`),
      ['9000 passes *.a.com > a.local 1'],
    ],
    [
      'every name',
      service('v', `tls: [{ match: [{ sniHosts: ['*'] }], ${to('a')} }]`),
      ['9000 passes any > a.local 1'],
    ],
    [
      'names have no case',
      service('v', `tls: [{ match: [{ sniHosts: [A.com] }], ${to('a')} }]`),
      ['9000 passes a.com > a.local 1'],
    ],
    [
      'not those of another port',
      service('v', `tls: [{ match: [{ port: 1, sniHosts: [a.com] }], ${to('a')} }]`),
      [],
    ],
    [
      'a name that an older rule took is left out',
      service('v', `tls: [{ match: [{ sniHosts: [a.com] }], ${to('a')} }]`) +
        service('w', `tls: [{ match: [{ sniHosts: [a.com, b.com] }], ${to('b')} }]`),
      ['9000 passes a.com > a.local 1', '9000 passes b.com > b.local 1'],
    ],
  ]
  for (const protocol of ['TLS', 'HTTPS']) {
    for (const [name, text, expected] of rows) {
      test(`${protocol}: ${name}`, () =>
        assert.deepEqual(chains(gateway(server(protocol, through)) + text), expected))
    }
  }

  test('tcp rules do not serve passthrough', () => {
    assert.deepEqual(chains(gateway(server('TLS', through)) + service('v', `tcp: [{ ${to('a')} }]`)), [])
  })
})

describe('what is told', () => {
  const through = { tls: 'mode: PASSTHROUGH' }
  const rows: [string, string, RegExp][] = [
    [
      'a server without routes',
      gateway(server('TCP')),
      /server-without-routes: no VirtualService has tcp routes for port 9000/,
    ],
    ['passthrough without routes', gateway(server('TLS', through)), /no VirtualService has tls routes/],
    [
      'destinationSubnets',
      gateway(server('TCP')) +
        service('v', `tcp: [{ match: [{ destinationSubnets: [10.0.0.0/8] }], ${to('a')} }]`),
      /tcp\.match\.destinationSubnets has no effect/,
    ],
    [
      'a name twice',
      gateway(server('TLS', through)) +
        service('v', `tls: [{ match: [{ sniHosts: [a.com] }, { sniHosts: [a.com] }], ${to('a')} }]`),
      /duplicate-server-name: server name a\.com is taken by VirtualService default\/v tls 0/,
    ],
    [
      'a name that is no host',
      gateway(server('TLS', through)) +
        service('v', `tls: [{ match: [{ sniHosts: [x.org] }], ${to('a')} }]`, 'a.com'),
      /server-name-outside-hosts/,
    ],
    [
      'no weights',
      gateway(server('TCP')) +
        service(
          'v',
          'tcp: [{ route: [{ destination: { host: a.local } }, { destination: { host: b.local } }] }]',
        ),
      /weights-without-sum/,
    ],
  ]
  for (const [name, text, expected] of rows) {
    test(name, () => assert.match(told(istio(text, { files })).join('\n'), expected))
  }
})

test('a VirtualService whose rules no server looks at has no effect', () => {
  const made = istio(
    gateway(server('TCP')) +
      service('v', `tcp: [{ ${to('a')} }]`) +
      service('w', 'http: [{ directResponse: { status: 200 } }]'),
  )
  const reconciled = made.statuses
    .filter(({ kind }) => kind === 'VirtualService')
    .map(({ name, status }) => [name, (status['conditions'] as { status: string }[])[0]?.status])
  assert.deepEqual(reconciled, [
    ['v', 'True'],
    ['w', 'False'],
  ])
})
