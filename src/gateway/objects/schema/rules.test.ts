/** Each rule that a CRD has, broken once; `test/integration/gateway-crds.test.ts` compares all of them with the CRDs. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { applyDefaults } from './defaults.ts'
import { formatPath } from './issue.ts'
import { checkRules } from './rules.ts'

type Case = readonly [spec: object, expected: readonly string[]]

function check(groupKind: string, cases: readonly Case[]): void {
  test(`rules of ${groupKind}`, () => {
    for (const [spec, expected] of cases) {
      const value = structuredClone(spec)
      applyDefaults(groupKind, value)
      const told = checkRules(groupKind, value).map(({ path, message }) => `${formatPath(path)} ${message}`)
      assert.deepEqual(told, expected, JSON.stringify(spec))
    }
  })
}

const listener = (more: object) => ({ listeners: [{ name: 'a', port: 80, protocol: 'HTTP', ...more }] })

check('Gateway.gateway.networking.k8s.io', [
  [listener({}), []],
  [
    listener({ tls: { certificateRefs: [{ name: 'a' }] } }),
    ['spec.listeners[0].tls means nothing with protocol HTTP'],
  ],
  [
    listener({ protocol: 'HTTPS', tls: { mode: 'Passthrough' } }),
    ['spec.listeners[0].tls.mode must be Terminate with protocol HTTPS'],
  ],
  [
    listener({ protocol: 'HTTPS', tls: {} }),
    ['spec.listeners[0].tls terminates TLS and has no certificateRefs'],
  ],
  [listener({ protocol: 'HTTPS', tls: { options: { 'x/y': 'z' } } }), []],
  [listener({ protocol: 'TLS' }), ['spec.listeners[0] has protocol TLS and no tls.mode']],
  [
    listener({ protocol: 'UDP', hostname: 'a.b' }),
    ['spec.listeners[0].hostname means nothing with protocol UDP'],
  ],
  [
    {
      listeners: [
        { name: 'a', port: 80, protocol: 'HTTP' },
        { name: 'a', port: 81, protocol: 'HTTP' },
      ],
    },
    ['spec.listeners[1] has the name "a" of an earlier listener'],
  ],
  [
    {
      listeners: [
        { name: 'a', port: 80, protocol: 'HTTP' },
        { name: 'b', port: 80, protocol: 'HTTP' },
      ],
    },
    ['spec.listeners[1] has the port, protocol and hostname of an earlier listener'],
  ],
  [
    { addresses: [{ value: '10.0.0.1' }, { value: '10.0.0.1' }] },
    ['spec.addresses[1] "10.0.0.1" is there twice'],
  ],
  [{ addresses: [{ type: 'Hostname', value: 'A_b' }] }, ['spec.addresses[0].value "A_b" is not a host name']],
  [{ addresses: [{ type: 'Hostname' }, {}] }, []],
  [
    { tls: { frontend: { perPort: [{ port: 1 }, { port: 1 }] } } },
    ['spec.tls.frontend.perPort[1] has port 1 of an earlier one'],
  ],
])

const http = (rule: object) => ({ rules: [rule] })
const filter = (more: object) => http({ filters: [more] })
const path = (value: string, type = 'PathPrefix') => http({ matches: [{ path: { type, value } }] })
const headers = { requestHeaderModifier: {}, type: 'RequestHeaderModifier' }
const prefixRewrite = {
  type: 'URLRewrite',
  urlRewrite: { path: { type: 'ReplacePrefixMatch', replacePrefixMatch: '/' } },
}

check('HTTPRoute.gateway.networking.k8s.io', [
  [{}, []],
  [path('a'), ['spec.rules[0].matches[0].path.value "a" does not begin with "/"']],
  ...['//', '/./', '/../', '%2f', '%2F', '#'].map((part): Case => [
    path(`/a${part}b`),
    [`spec.rules[0].matches[0].path.value "/a${part}b" has "${part}", which no path that is looked at has`],
  ]),
  [
    path('/a/..'),
    ['spec.rules[0].matches[0].path.value "/a/.." has "/..", which no path that is looked at has'],
  ],
  [
    path('/a/.', 'Exact'),
    ['spec.rules[0].matches[0].path.value "/a/." has "/.", which no path that is looked at has'],
  ],
  [
    path('/a b'),
    ['spec.rules[0].matches[0].path.value "/a b" has characters that a path cannot have; write them as %XX'],
  ],
  [path('a b//', 'RegularExpression'), []],
  [filter({ type: 'URLRewrite' }), ['spec.rules[0].filters[0] is of type URLRewrite and has no urlRewrite']],
  [
    filter({ ...headers, urlRewrite: {} }),
    ['spec.rules[0].filters[0].urlRewrite means nothing in a filter of type RequestHeaderModifier'],
  ],
  [
    http({ filters: [headers, headers] }),
    ['spec.rules[0].filters[1] repeats RequestHeaderModifier, which may be there once'],
  ],
  [
    http({
      filters: [
        { type: 'RequestRedirect', requestRedirect: {} },
        { type: 'URLRewrite', urlRewrite: {} },
      ],
    }),
    ['spec.rules[0].filters have a RequestRedirect and a URLRewrite, which exclude each other'],
  ],
  [
    http({
      filters: [{ type: 'RequestRedirect', requestRedirect: {} }],
      backendRefs: [{ name: 'a', port: 80 }],
    }),
    ['spec.rules[0].filters[0] redirects, so the rule can have no backendRefs'],
  ],
  [filter(prefixRewrite), []],
  [
    http({ filters: [prefixRewrite], matches: [{ path: { type: 'Exact', value: '/a' } }] }),
    [
      'spec.rules[0].filters[0] replaces a prefix, so the rule must have exactly one match, of type PathPrefix',
    ],
  ],
  [
    filter({
      type: 'URLRewrite',
      urlRewrite: { path: { type: 'ReplaceFullPath', replacePrefixMatch: '/' } },
    }),
    [
      'spec.rules[0].filters[0].urlRewrite.path is of type ReplaceFullPath and has no replaceFullPath',
      'spec.rules[0].filters[0].urlRewrite.path.replacePrefixMatch needs type ReplacePrefixMatch',
    ],
  ],
  [
    filter({ type: 'CORS', cors: { allowOrigins: ['*', 'https://a.b'] } }),
    ['spec.rules[0].filters[0].cors.allowOrigins has "*" beside others, which it takes in already'],
  ],
  [
    filter({
      type: 'RequestMirror',
      requestMirror: { backendRef: { name: 'a' }, percent: 5, fraction: { numerator: 101 } },
    }),
    [
      'spec.rules[0].filters[0].requestMirror has percent and fraction, of which only one may be',
      'spec.rules[0].filters[0].requestMirror.fraction is more than one: its numerator is above its denominator',
      'spec.rules[0].filters[0].requestMirror.backendRef has no port, which a Service needs',
    ],
  ],
  [
    http({ backendRefs: [{ name: 'a' }] }),
    ['spec.rules[0].backendRefs[0] has no port, which a Service needs'],
  ],
  [http({ backendRefs: [{ name: 'a', group: 'x', kind: 'Y' }] }), []],
  [
    http({ timeouts: { request: '1s', backendRequest: '1m' } }),
    ['spec.rules[0].timeouts.backendRequest 1m is longer than the whole request may take, 1s'],
  ],
  [http({ timeouts: { request: '0s', backendRequest: '1m' } }), []],
  [
    http({ sessionPersistence: { cookieConfig: { lifetimeType: 'Permanent' } } }),
    ['spec.rules[0].sessionPersistence has a permanent cookie and no absoluteTimeout'],
  ],
  [
    http({ sessionPersistence: { type: 'Header', cookieConfig: {} } }),
    ['spec.rules[0].sessionPersistence.cookieConfig needs type Cookie'],
  ],
  [{ rules: [{ name: 'a' }, { name: 'a' }] }, ['spec.rules[1] has the name "a" of an earlier rule']],
  [
    { rules: Array.from({ length: 3 }, () => ({ matches: Array.from({ length: 50 }, () => ({})) })) },
    ['spec.rules have 150 matches together, and may have 128'],
  ],
  [
    { parentRefs: [{ name: 'a' }, { name: 'a', sectionName: 'x' }] },
    [
      'spec.parentRefs[1] refers to the parent of parentRefs[0] again: all or none of them must have a sectionName, and so for port',
    ],
  ],
  [
    { parentRefs: [{ name: 'a', sectionName: 'x' }, { name: 'b' }, { name: 'a', sectionName: 'x' }] },
    ['spec.parentRefs[2] refers to the same parent, sectionName and port as another one'],
  ],
])

check('GRPCRoute.gateway.networking.k8s.io', [
  [http({ matches: [{ method: {} }] }), ['spec.rules[0].matches[0].method needs a service or a method']],
  [
    http({ matches: [{ method: { service: '1a', method: 'b-c' } }] }),
    [
      'spec.rules[0].matches[0].method.service "1a" is not a full name of a gRPC service',
      'spec.rules[0].matches[0].method.method "b-c" is not a name of a gRPC method',
    ],
  ],
  [http({ matches: [{ method: { type: 'RegularExpression', service: '.*' } }] }), []],
])

check('TLSRoute.gateway.networking.k8s.io', [
  [{ hostnames: ['a.b', '*.a.b'] }, []],
  [
    { hostnames: ['10.0.0.1', 'a_b'] },
    [
      'spec.hostnames[0] "10.0.0.1" is an IP address, which no client sends as a server name',
      'spec.hostnames[1] "a_b" is not a host name',
    ],
  ],
])

check('TCPRoute.gateway.networking.k8s.io', [
  [
    http({ backendRefs: [{ name: 'a' }] }),
    ['spec.rules[0].backendRefs[0] has no port, which a Service needs'],
  ],
])

const target = { group: '', kind: 'Service', name: 'a' }
const system = { hostname: 'a.b', wellKnownCACertificates: 'System' }

check('BackendTLSPolicy.gateway.networking.k8s.io', [
  [{ targetRefs: [target], validation: system }, []],
  [
    { targetRefs: [target], validation: {} },
    ['spec.validation needs caCertificateRefs or wellKnownCACertificates'],
  ],
  [
    { targetRefs: [target], validation: { ...system, caCertificateRefs: [{ name: 'a' }] } },
    ['spec.validation has caCertificateRefs and wellKnownCACertificates, of which only one may be'],
  ],
  [
    { targetRefs: [target, { ...target, sectionName: 'x' }], validation: system },
    ['spec.targetRefs[0] needs a sectionName, as another one has the same target'],
  ],
  [
    { targetRefs: [target], validation: { ...system, subjectAltNames: [{ type: 'URI', hostname: 'a' }] } },
    [
      'spec.validation.subjectAltNames[0] is of type URI and has no uri',
      'spec.validation.subjectAltNames[0].hostname means nothing with type URI',
    ],
  ],
])

check('ServiceEntry.networking.istio.io', [
  [{ hosts: ['a.b'], resolution: 'DNS', endpoints: [{ address: 'c.d' }] }, []],
  [{ hosts: ['*'] }, ['spec.hosts[0] must not be "*"']],
  [
    { endpoints: [{ address: 'a' }] },
    ['spec.endpoints mean nothing with resolution NONE, which is the default'],
  ],
  [
    { resolution: 'DNS', addresses: ['10.0.0.0/8'] },
    ['spec.addresses have a network, which resolution DNS does not allow'],
  ],
  [
    { resolution: 'STATIC', endpoints: [{ address: '10.0.0.1' }], workloadSelector: { labels: { a: '*' } } },
    [
      'spec.endpoints exclude a workloadSelector, and there are both',
      'spec.workloadSelector.labels.a can have no "*"',
    ],
  ],
  [
    { ports: [{ number: 80, targetPort: 70_000 }, { number: 80 }] },
    [
      'spec.ports[0].targetPort must be from 1 to 65535, not 70000',
      'spec.ports[1] has the number 80 of an earlier port',
    ],
  ],
])

check('WorkloadEntry.networking.istio.io', [
  [{ address: 'unix:///run/a' }, []],
  [
    { address: 'unix://a' },
    ['spec.address "unix://a" is not unix:// with an absolute path or an abstract socket'],
  ],
  [{}, ['spec needs an address']],
  [
    { address: 'a', ports: { 'a b': 0 } },
    ['spec.ports.a b is not a name of a port', 'spec.ports.a b must be from 1 to 65535, not 0'],
  ],
])

check('Gateway.networking.istio.io', [
  [
    { servers: [{ tls: { credentialName: 'a', credentialNames: ['b'] } }] },
    ['spec.servers[0].tls has credentialNames and credentialName, of which only one may be'],
  ],
])
