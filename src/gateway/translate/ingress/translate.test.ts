/** The rules of Ingress, a row a rule. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { objectSet } from '../../../../test/support/kube-objects.ts'
import { selfSignedPem } from '../../../../test/support/pem.ts'
import { told, translateOptions } from '../../../../test/support/translate-istio.ts'
import type { TranslateOptions, Translation } from '../translation.ts'
import { translateIngress } from './translate.ts'

const pair = selfSignedPem('a.com')

const services = ['one', 'two', 'three']
  .map(
    (name, at) => `
apiVersion: v1
kind: Service
metadata: { name: ${name}, annotations: { slipway.dev/endpoints: 127.0.0.1:${3000 + at} } }
spec: { ports: [{ name: web, port: 80 }] }
---
`,
  )
  .join('')

const secret = `
apiVersion: v1
kind: Secret
metadata: { name: cert }
stringData: ${JSON.stringify({ 'tls.crt': pair.certificate, 'tls.key': pair.key })}
---
`

const ingress = (spec: string, { name = 'a', created = 0, annotations = '{}' } = {}) => `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: ${name}, creationTimestamp: '${new Date(created * 1000).toISOString()}', annotations: ${annotations} }
spec: { ${spec} }
---
`
const to = (name: string, port = 'number: 80') => `backend: { service: { name: ${name}, port: { ${port} } } }`
const path = (value: string, name: string, type = 'Prefix') =>
  `{ path: "${value}", pathType: ${type}, ${to(name)} }`
const rule = (host: string, ...paths: string[]) =>
  `{ ${host && `host: "${host}", `}http: { paths: [${paths.join(', ')}] } }`
const rules = (...all: string[]) => `rules: [${all.join(', ')}]`

const translate = (text: string, options: Partial<TranslateOptions> = {}): Translation =>
  translateIngress({
    objects: objectSet(services + secret + text),
    options: { ...translateOptions(), ...options },
  })

/** `kind path > service` of the routes of a host, in order. */
function routes(text: string, host: string, protocol = 'http'): string[] | undefined {
  const configuration = translate(text).routeConfigurations.find(({ name }) => name === `ingress/${protocol}`)
  return configuration?.virtualHosts
    .find(({ domains }) => domains.includes(host))
    ?.routes.map(({ match, action }) => {
      assert.ok(action.kind === 'forward')
      const [target] = action.targets
      const where = target && 'cluster' in target.to ? target.to.cluster.split('|')[3]?.split('.')[0] : '503'
      return `${match.path.kind} ${match.path.value || '/'} > ${where}`
    })
}

describe('paths of a host', () => {
  const rows: [string, string, string[]][] = [
    ['Exact as it is', ingress(rules(rule('a.com', path('/x/', 'one', 'Exact')))), ['exact /x/ > one']],
    [
      'Prefix by element; a / at its end is nothing',
      ingress(rules(rule('a.com', path('/x/', 'one')))),
      ['path-prefix /x > one'],
    ],
    [
      'ImplementationSpecific is Prefix',
      ingress(rules(rule('a.com', path('/x', 'one', 'ImplementationSpecific')))),
      ['path-prefix /x > one'],
    ],
    [
      'no path is /',
      ingress(rules(rule('a.com', `{ pathType: ImplementationSpecific, ${to('one')} }`))),
      ['path-prefix / > one'],
    ],
    [
      'the longest first, whatever the order',
      ingress(rules(rule('a.com', path('/', 'one'), path('/x', 'two'), path('/x/y', 'three')))),
      ['path-prefix /x/y > three', 'path-prefix /x > two', 'path-prefix / > one'],
    ],
    [
      'of one length Exact first',
      ingress(rules(rule('a.com', path('/x', 'one'), path('/x', 'two', 'Exact')))),
      ['exact /x > two', 'path-prefix /x > one'],
    ],
    [
      'a long Prefix before a short Exact',
      ingress(rules(rule('a.com', path('/x', 'one', 'Exact'), path('/x/y', 'two')))),
      ['path-prefix /x/y > two', 'exact /x > one'],
    ],
    [
      'Ingresses for one host are merged',
      ingress(rules(rule('a.com', path('/', 'one'))), { name: 'a' }) +
        ingress(rules(rule('a.com', path('/x', 'two'))), { name: 'b' }),
      ['path-prefix /x > two', 'path-prefix / > one'],
    ],
    [
      'of one path the older holds',
      ingress(rules(rule('a.com', path('/', 'one'))), { name: 'a', created: 2 }) +
        ingress(rules(rule('a.com', path('/', 'two'))), { name: 'b', created: 1 }),
      ['path-prefix / > two'],
    ],
    ['hosts have no case', ingress(rules(rule('A.com', path('/', 'one')))), ['path-prefix / > one']],
    [
      'a port by name',
      ingress(rules(rule('a.com', `{ path: /, pathType: Prefix, ${to('one', 'name: web')} }`))),
      ['path-prefix / > one'],
    ],
    [
      'a Service that is not there answers 503',
      ingress(rules(rule('a.com', path('/', 'none')))),
      ['path-prefix / > 503'],
    ],
  ]
  for (const [name, text, expected] of rows)
    test(name, () => assert.deepEqual(routes(text, 'a.com'), expected))
})

describe('hosts', () => {
  test('a wildcard is one label', () => {
    const hosts = translate(ingress(rules(rule('*.a.com', path('/', 'one'))))).routeConfigurations[0]
      ?.virtualHosts
    assert.deepEqual(
      hosts?.map(({ domains, suffixLabels }) => [domains, suffixLabels]),
      [[['*.a.com'], 1]],
    )
  })
  test('a rule without a host is for every other host', () => {
    assert.deepEqual(routes(ingress(rules(rule('', path('/', 'one')))), '*'), ['path-prefix / > one'])
  })
  test('without one, other hosts have no virtual host', () => {
    assert.equal(routes(ingress(rules(rule('a.com', path('/', 'one')))), '*'), undefined)
  })
})

describe('defaultBackend', () => {
  const fallback = `defaultBackend: { service: { name: three, port: { number: 80 } } }`
  const rows: [string, string, string, string[]][] = [
    ['without rules takes everything', ingress(fallback), '*', ['path-prefix / > three']],
    [
      'takes what no path of a host takes',
      ingress(`${fallback}, ${rules(rule('a.com', path('/x', 'one')))}`),
      'a.com',
      ['path-prefix /x > one', 'path-prefix / > three'],
    ],
    [
      'and every other host',
      ingress(`${fallback}, ${rules(rule('a.com', path('/x', 'one')))}`),
      '*',
      ['path-prefix / > three'],
    ],
    [
      'is for the hosts of other Ingresses too',
      ingress(fallback, { name: 'a' }) + ingress(rules(rule('a.com', path('/x', 'one'))), { name: 'b' }),
      'a.com',
      ['path-prefix /x > one', 'path-prefix / > three'],
    ],
    [
      'that of the host`s own Ingress goes before an older one',
      ingress(fallback, { name: 'a' }) +
        ingress(
          `defaultBackend: { service: { name: two, port: { number: 80 } } }, ${rules(rule('a.com', path('/x', 'one')))}`,
          { name: 'b' },
        ),
      'a.com',
      ['path-prefix /x > one', 'path-prefix / > two'],
    ],
  ]
  for (const [name, text, host, expected] of rows)
    test(name, () => assert.deepEqual(routes(text, host), expected))
})

describe('classes', () => {
  const one = (more = '', annotations = '{}') =>
    ingress(`${more}${rules(rule('a.com', path('/', 'one')))}`, { annotations })
  const ingressClass = (name: string, controller: string, isDefault = false) => `
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: { name: ${name}, annotations: { ingressclass.kubernetes.io/is-default-class: '${isDefault}' } }
spec: { controller: ${controller} }
---
`
  const ours = 'slipway.dev/ingress-controller'
  const rows: [string, string, boolean][] = [
    ['no class at all', one(), true],
    ['a class that no file defines', one('ingressClassName: nginx, '), true],
    ['a class of ours', one('ingressClassName: web, ') + ingressClass('web', ours), true],
    [
      'a class of another controller',
      one('ingressClassName: web, ') + ingressClass('web', 'k8s.io/ingress-nginx'),
      false,
    ],
    ['no class, and the default is ours', one() + ingressClass('web', ours, true), true],
    [
      'no class, and the default is another`s',
      one() + ingressClass('web', 'k8s.io/ingress-nginx', true),
      false,
    ],
    [
      'no class, and a class that is not the default',
      one() + ingressClass('web', 'k8s.io/ingress-nginx'),
      true,
    ],
    [
      'the old annotation',
      one('', '{ kubernetes.io/ingress.class: web }') + ingressClass('web', 'k8s.io/ingress-nginx'),
      false,
    ],
  ]
  for (const [name, text, isServed] of rows) {
    test(name, () => {
      const made = translate(text)
      assert.equal(made.listeners.length > 0, isServed)
      assert.equal(made.statuses.length > 0, isServed)
      assert.equal(
        told(made).some((line) => line.startsWith('ingress-of-another-class')),
        !isServed,
      )
    })
  }
})

describe('listeners and TLS', () => {
  const web = rules(rule('a.com', path('/', 'one')), rule('b.com', path('/', 'two')))
  const listeners = (text: string, options: Partial<TranslateOptions> = {}) =>
    translate(text, options).listeners.map(
      ({ name, filterChains }) =>
        `${name}: ${filterChains.map(({ match }) => (match.tls ? match.serverNames.join(' ') || 'any' : 'plain')).join(', ')}`,
    )
  const rows: [string, string, string[]][] = [
    ['HTTP on 80', ingress(web), ['127.0.0.1:80/tcp: plain']],
    [
      'TLS on 443 too',
      ingress(`tls: [{ hosts: [a.com], secretName: cert }], ${web}`),
      ['127.0.0.1:80/tcp: plain', '127.0.0.1:443/tcp: a.com'],
    ],
    [
      'no hosts: every name',
      ingress(`tls: [{ secretName: cert }], ${web}`),
      ['127.0.0.1:80/tcp: plain', '127.0.0.1:443/tcp: any'],
    ],
    [
      'a host twice is that of the older',
      ingress(`tls: [{ hosts: [a.com], secretName: cert }], ${web}`, { name: 'a' }) +
        ingress(`tls: [{ hosts: [a.com, b.com], secretName: cert }], ${web}`, { name: 'b' }),
      ['127.0.0.1:80/tcp: plain', '127.0.0.1:443/tcp: a.com, b.com'],
    ],
    [
      'a Secret that is not there: no TLS',
      ingress(`tls: [{ hosts: [a.com], secretName: none }], ${web}`),
      ['127.0.0.1:80/tcp: plain'],
    ],
    ['no Ingress: nobody listens', '', []],
  ]
  for (const [name, text, expected] of rows) test(name, () => assert.deepEqual(listeners(text), expected))

  test('other ports', () => {
    const text = ingress(`tls: [{ hosts: [a.com], secretName: cert }], ${web}`)
    assert.deepEqual(listeners(text, { ingressPorts: { http: 8080, https: 8443 } }), [
      '127.0.0.1:8080/tcp: plain',
      '127.0.0.1:8443/tcp: a.com',
    ])
  })
  test('with TLS only hosts that have a certificate are served', () => {
    const text = ingress(`tls: [{ hosts: [a.com], secretName: cert }], ${web}`)
    assert.deepEqual(routes(text, 'a.com', 'https'), ['path-prefix / > one'])
    assert.equal(routes(text, 'b.com', 'https'), undefined)
    assert.deepEqual(routes(text, 'b.com'), ['path-prefix / > two'])
  })
  test('a wildcard certificate covers hosts of one more label', () => {
    const text = ingress(`tls: [{ hosts: ['*.com'], secretName: cert }], ${web}`)
    assert.deepEqual(routes(text, 'b.com', 'https'), ['path-prefix / > two'])
  })
})

describe('what is told', () => {
  const rows: [string, string, RegExp][] = [
    [
      'a Service that is not there',
      ingress(rules(rule('a.com', path('/', 'none')))),
      /backend-not-found: Service default\/none does not exist/,
    ],
    [
      'a port that is not there',
      ingress(rules(rule('a.com', `{ path: /, pathType: Prefix, ${to('one', 'number: 81')} }`))),
      /has no port 81/,
    ],
    [
      'a resource',
      ingress('defaultBackend: { resource: { kind: Bucket, name: b } }'),
      /unsupported-backend: a Bucket/,
    ],
    [
      'a path twice',
      ingress(rules(rule('a.com', path('/', 'one')))) +
        ingress(rules(rule('a.com', path('/', 'two'))), { name: 'b' }),
      /duplicate-path: path \/ of this host is taken by Ingress default\/a rule 0 path 0/,
    ],
    ['a path without /', ingress(rules(rule('a.com', path('x', 'one')))), /invalid-path: path x/],
    [
      'a second default backend',
      ingress(`defaultBackend: { service: { name: one, port: { number: 80 } } }`) +
        ingress(`defaultBackend: { service: { name: two, port: { number: 80 } } }`, { name: 'b' }),
      /duplicate-default-backend/,
    ],
    [
      'a TLS host twice',
      ingress('tls: [{ hosts: [a.com], secretName: cert }]') +
        ingress('tls: [{ hosts: [a.com], secretName: cert }]', { name: 'b' }),
      /duplicate-tls-host: host a\.com has the certificate of Ingress default\/a tls 0/,
    ],
    ['TLS without a Secret', ingress('tls: [{ hosts: [a.com] }]'), /ingress-certificate: it names no Secret/],
    [
      'annotations of another controller',
      ingress(rules(rule('a.com', path('/', 'one'))), {
        annotations: '{ nginx.ingress.kubernetes.io/rewrite-target: / }',
      }),
      /annotation nginx\.ingress\.kubernetes\.io\/rewrite-target is for another controller/,
    ],
  ]
  for (const [name, text, expected] of rows)
    test(name, () => assert.match(told(translate(text)).join('\n'), expected))
})

test('status.loadBalancer has the ports, and none of those that are not bound', () => {
  const [status] = translate(
    ingress(`tls: [{ hosts: [a.com], secretName: cert }], ${rules(rule('a.com', path('/', 'one')))}`),
  ).statuses
  const http = { port: 80, protocol: 'TCP' }
  const https = { port: 443, protocol: 'TCP' }
  assert.deepEqual(status?.status, { loadBalancer: { ingress: [{ ip: '127.0.0.1', ports: [http, https] }] } })
  assert.deepEqual(status.unbound?.({ '127.0.0.1:80/tcp': { message: 'in use' } }), {
    loadBalancer: {
      ingress: [{ ip: '127.0.0.1', ports: [{ ...http, error: 'slipway.dev/PortUnavailable' }, https] }],
    },
  })
  const all = { '127.0.0.1:80/tcp': { message: 'in use' }, '127.0.0.1:443/tcp': { message: 'in use' } }
  assert.deepEqual(status.unbound?.(all), { loadBalancer: {} })
})
