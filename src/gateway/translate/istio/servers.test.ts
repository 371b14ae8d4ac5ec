/** Which servers of Gateways are served, and how they share ports, a row a rule. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { selfSignedPem } from '../../../../test/support/pem.ts'
import { hostsOf, istio, told } from '../../../../test/support/translate-istio.ts'

const pair = selfSignedPem('example.com')
const files = {
  '/tls.crt': pair.certificate,
  '/tls.key': pair.key,
  '/ca.crt': pair.certificate,
  '/crl': 'list',
}
const cert = 'serverCertificate: /tls.crt, privateKey: /tls.key'

const gateway = (name: string, servers: string, selector = '{ istio: ingressgateway }') => `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: ${name} }
spec: { selector: ${selector}, servers: [${servers}] }
---
`
const server = (protocol: string, more = '', { number = 443, name = 'p', hosts = '"*"' } = {}) =>
  `{ port: { number: ${number}, name: ${name}, protocol: ${protocol} }, hosts: [${hosts}]${more && `, ${more}`} }`

const tcpService = `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: tcp }
spec:
  hosts: ['*']
  gateways: [a, b]
  tcp: [{ route: [{ destination: { host: echo.local } }] }]
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: echo }
spec: { hosts: [echo.local], ports: [{ number: 9000, name: tcp, protocol: TCP }], resolution: DNS }
---
`

/** `listener: chain kinds` */
const served = (text: string) =>
  istio(text + tcpService, { files }).listeners.map(
    ({ name, filterChains }) =>
      `${name}: ${filterChains.map(({ match, filter }) => `${match.tls ? 'tls ' : ''}${filter.kind}`).join(', ')}`,
  )

describe('servers', () => {
  const rows: [string, string, string[]][] = [
    ['HTTP', gateway('a', server('HTTP')), ['127.0.0.1:443/tcp: http']],
    ['protocols have no case', gateway('a', server('http')), ['127.0.0.1:443/tcp: http']],
    ['GRPC and HTTP2 are HTTP', gateway('a', server('GRPC')), ['127.0.0.1:443/tcp: http']],
    [
      'HTTPS',
      gateway('a', server('HTTPS', `tls: { mode: SIMPLE, ${cert} }`)),
      ['127.0.0.1:443/tcp: tls http'],
    ],
    ['TCP', gateway('a', server('TCP')), ['127.0.0.1:443/tcp: tcp']],
    ['MONGO is TCP', gateway('a', server('MONGO')), ['127.0.0.1:443/tcp: tcp']],
    [
      'TLS that ends here',
      gateway('a', server('TLS', `tls: { mode: SIMPLE, ${cert} }`)),
      ['127.0.0.1:443/tcp: tls tcp'],
    ],
    ['bind is another listener', gateway('a', server('HTTP', 'bind: 0.0.0.0')), ['0.0.0.0:443/tcp: http']],
    [
      'HTTP servers of one port share a listener and its routes',
      gateway('a', server('HTTP')) + gateway('b', server('HTTP2')),
      ['127.0.0.1:443/tcp: http'],
    ],
    [
      'HTTPS servers of one port are chains of their own',
      gateway(
        'a',
        `${server('HTTPS', `tls: { ${cert} }`, { name: 'x', hosts: 'x.com' })}, ${server('HTTPS', `tls: { ${cert} }`, { name: 'y', hosts: 'y.com' })}`,
      ),
      ['127.0.0.1:443/tcp: tls http, tls http'],
    ],
    [
      'different binds do not conflict',
      gateway('a', server('TCP', 'bind: 127.0.0.1')) + gateway('b', server('HTTP', 'bind: 127.0.0.2')),
      ['127.0.0.1:443/tcp: tcp', '127.0.0.2:443/tcp: http'],
    ],
    [
      'TCP on a port with HTTP loses to the older',
      gateway('a', server('HTTP')) + gateway('b', server('TCP')),
      ['127.0.0.1:443/tcp: http'],
    ],
    [
      'HTTP on a port with TCP too',
      gateway('a', server('TCP')) + gateway('b', server('HTTP')),
      ['127.0.0.1:443/tcp: tcp'],
    ],
    [
      'HTTPS on a port with HTTP too',
      gateway('a', server('HTTP')) + gateway('b', server('HTTPS', `tls: { ${cert} }`)),
      ['127.0.0.1:443/tcp: http'],
    ],
    [
      'a TLS host that is taken loses its whole server',
      gateway('a', server('HTTPS', `tls: { ${cert} }`, { hosts: 'x.com' })) +
        gateway('b', server('HTTPS', `tls: { ${cert} }`, { hosts: 'x.com, y.com' })),
      ['127.0.0.1:443/tcp: tls http'],
    ],
    [
      'a port name twice in one Gateway loses the second',
      gateway(
        'a',
        `${server('HTTPS', `tls: { ${cert} }`, { hosts: 'x.com' })}, ${server('HTTPS', `tls: { ${cert} }`, { hosts: 'y.com' })}`,
      ),
      ['127.0.0.1:443/tcp: tls http'],
    ],
  ]
  for (const [name, text, expected] of rows) test(name, () => assert.deepEqual(served(text), expected))
})

describe('selector', () => {
  const rows: [string, string, boolean][] = [
    ['fits', '{ istio: ingressgateway }', true],
    ['none fits every proxy', '{}', true],
    ['part of the labels is enough', '{ app: edge }', true],
    ['another value', '{ istio: egressgateway }', false],
    ['one label too many', '{ istio: ingressgateway, team: a }', false],
  ]
  for (const [name, selector, isServed] of rows) {
    test(name, () => {
      const labels = { istio: 'ingressgateway', app: 'edge' }
      const made = istio(gateway('a', server('HTTP'), selector), { labels })
      assert.equal(made.listeners.length === 1, isServed)
      assert.equal(
        told(made).some((line) => line.startsWith('gateway-not-selected')),
        !isServed,
      )
    })
  }
})

describe('servers that cannot be served say why', () => {
  const rows: [string, string, RegExp][] = [
    ['a protocol that is none', server('SMTP'), /unsupported-server: protocol SMTP/],
    ['UDP', server('UDP'), /unsupported-server: protocol UDP/],
    ['HTTPS without tls', server('HTTPS'), /needs tls/],
    [
      'ISTIO_MUTUAL',
      server('HTTPS', 'tls: { mode: ISTIO_MUTUAL }'),
      /ISTIO_MUTUAL needs the certificates of a mesh/,
    ],
    ['AUTO_PASSTHROUGH', server('TLS', 'tls: { mode: AUTO_PASSTHROUGH }'), /AUTO_PASSTHROUGH/],
    ['a Unix socket', server('HTTP', 'bind: "unix:///x"'), /Unix socket/],
    [
      'no certificate',
      server('HTTPS', 'tls: { mode: SIMPLE }'),
      /needs credentialName, or serverCertificate/,
    ],
    [
      'a file that is not there',
      server('HTTPS', 'tls: { serverCertificate: /none, privateKey: /tls.key }'),
      /\/none cannot be read/,
    ],
    [
      'a certificate that is none',
      server('HTTPS', 'tls: { serverCertificate: /crl, privateKey: /tls.key }'),
      /the certificate is not PEM/,
    ],
    [
      'a Secret that is not there',
      server('HTTPS', 'tls: { credentialName: none }'),
      /Secret default\/none does not exist/,
    ],
    [
      'MUTUAL without an authority',
      server('HTTPS', `tls: { mode: MUTUAL, ${cert} }`),
      /MUTUAL needs caCertificates/,
    ],
    ['TCP without routes', server('TCP'), /server-without-routes/],
    [
      'targetPort',
      `{ port: { number: 80, name: h, protocol: HTTP, targetPort: 8080 }, hosts: ["*"] }`,
      /field-without-effect: servers.port.targetPort/,
    ],
    [
      'TLS on plain HTTP',
      server('HTTP', 'tls: { mode: SIMPLE }'),
      /servers\.tls\.mode has no effect: a server for HTTP/,
    ],
    [
      'httpsRedirect on HTTPS',
      server('HTTPS', `tls: { httpsRedirect: true, ${cert} }`),
      /httpsRedirect has no effect: only plain HTTP/,
    ],
    ['defaultEndpoint', server('HTTP', 'defaultEndpoint: "127.0.0.1:80"'), /defaultEndpoint/],
  ]
  for (const [name, one, expected] of rows) {
    test(name, () => assert.match(told(istio(gateway('a', one), { files })).join('\n'), expected))
  }

  test('the other servers of the Gateway are served', () => {
    const made = istio(gateway('a', `${server('SMTP')}, ${server('HTTP', '', { number: 80 })}`))
    assert.deepEqual(
      made.listeners.map(({ port }) => port),
      [80],
    )
    assert.equal(
      ((made.statuses[0]?.status['conditions'] ?? []) as { message: string }[])[0]?.message,
      '1 of 2 servers are served',
    )
  })
})

describe('TLS of a server', () => {
  const secret = (name: string, data: Record<string, string>) => `
apiVersion: v1
kind: Secret
metadata: { name: ${name} }
data: ${JSON.stringify(Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString('base64')])))}
---
`
  const tlsOf = (tls: string, more = '') => {
    const made = istio(
      gateway('a', server('HTTPS', `tls: { ${tls} }`, { hosts: 'a.com, "default/*.b.com"' })) + more,
      { files },
    )
    return { made, chain: made.listeners[0]?.filterChains[0] }
  }
  const keys = { 'tls.crt': pair.certificate, 'tls.key': pair.key }

  test('server names are the hosts', () => {
    assert.deepEqual(tlsOf(cert).chain?.match, { tls: true, serverNames: ['a.com', '*.b.com'] })
  })

  const rows: [string, string, string, object][] = [
    ['files', cert, '', { certificates: ['File//tls.crt|/tls.key'], alpn: ['h2', 'http/1.1'] }],
    [
      'a Secret',
      'credentialName: s',
      secret('s', keys),
      { certificates: ['Secret/default/s'], alpn: ['h2', 'http/1.1'] },
    ],
    [
      'a Secret with the keys cert and key',
      'credentialName: s',
      secret('s', { cert: pair.certificate, key: pair.key }),
      { certificates: ['Secret/default/s'], alpn: ['h2', 'http/1.1'] },
    ],
    [
      'several Secrets',
      'credentialNames: [s, t]',
      secret('s', keys) + secret('t', keys),
      { certificates: ['Secret/default/s', 'Secret/default/t'], alpn: ['h2', 'http/1.1'] },
    ],
    [
      'several files',
      `tlsCertificates: [{ ${cert} }, { ${cert} }]`,
      '',
      { certificates: ['File//tls.crt|/tls.key', 'File//tls.crt|/tls.key'], alpn: ['h2', 'http/1.1'] },
    ],
    [
      'versions and ciphers',
      `${cert}, minProtocolVersion: TLSV1_3, maxProtocolVersion: TLSV1_3, cipherSuites: ["[ECDHE-ECDSA-AES128-GCM-SHA256|ECDHE-RSA-AES128-GCM-SHA256]"]`,
      '',
      {
        certificates: ['File//tls.crt|/tls.key'],
        alpn: ['h2', 'http/1.1'],
        minVersion: 'TLSv1.3',
        maxVersion: 'TLSv1.3',
        cipherSuites: ['ECDHE-ECDSA-AES128-GCM-SHA256', 'ECDHE-RSA-AES128-GCM-SHA256'],
      },
    ],
    [
      'MUTUAL with a file',
      `mode: MUTUAL, ${cert}, caCertificates: /ca.crt, subjectAltNames: [client], verifyCertificateSpki: [c3Bra], verifyCertificateHash: ["AB:CD"]`,
      '',
      {
        certificates: ['File//tls.crt|/tls.key'],
        alpn: ['h2', 'http/1.1'],
        clientValidation: {
          ca: 'File//ca.crt',
          mode: 'require',
          subjectAltNames: ['client'],
          spkiSha256: ['c3Bra'],
          certificateSha256: ['abcd'],
        },
      },
    ],
    [
      'OPTIONAL_MUTUAL with the authority in the Secret, and a list of revocations',
      'mode: OPTIONAL_MUTUAL, credentialName: s, caCrl: /crl',
      secret('s', { ...keys, 'ca.crt': pair.certificate }),
      {
        certificates: ['Secret/default/s'],
        alpn: ['h2', 'http/1.1'],
        clientValidation: { ca: 'Secret/default/s#ca|/crl', mode: 'optional' },
      },
    ],
    [
      'MUTUAL with the authority in NAME-cacert',
      'mode: MUTUAL, credentialName: s',
      secret('s', keys) + secret('s-cacert', { cacert: pair.certificate }),
      {
        certificates: ['Secret/default/s'],
        alpn: ['h2', 'http/1.1'],
        clientValidation: { ca: 'Secret/default/s-cacert#ca', mode: 'require' },
      },
    ],
  ]
  for (const [name, tls, more, expected] of rows) {
    test(name, () => {
      const { made, chain } = tlsOf(tls, more)
      assert.deepEqual(told(made), [])
      assert.deepEqual(chain?.tls, expected)
    })
  }

  const warnings: [string, string, RegExp][] = [
    ['a version that is too old', 'minProtocolVersion: TLSV1_0', /tls-version-too-old: TLSV1_0/],
    ['a cipher that is unknown', 'cipherSuites: [ROT13]', /ROT13 is not known/],
    ['names of clients that are never asked', 'subjectAltNames: [x]', /only MUTUAL asks clients/],
  ]
  for (const [name, tls, expected] of warnings) {
    test(`${name} is told, and the server is served`, () => {
      const { made, chain } = tlsOf(`${cert}, ${tls}`)
      assert.match(told(made).join('\n'), expected)
      assert.ok(chain?.tls)
    })
  }
})

test('routes of an HTTPS server are its own', () => {
  const made = istio(
    gateway(
      'a',
      `${server('HTTPS', `tls: { ${cert} }`, { name: 'x', hosts: 'x.com' })}, ${server('HTTPS', `tls: { ${cert} }`, { name: 'y', hosts: '"*.com"' })}`,
    ) +
      `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: v }
spec: { hosts: [x.com], gateways: [a], http: [{ directResponse: { status: 200 } }] }
`,
    { files },
  )
  assert.deepEqual(
    made.routeConfigurations.map(({ name }) => name),
    ['istio/https/default/a/0', 'istio/https/default/a/1'],
  )
  assert.deepEqual(
    hostsOf(made).map(({ domains }) => domains),
    [['x.com'], ['x.com']],
  )
})
