import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { objectSet } from '../../../../test/support/kube-objects.ts'
import { shortCondition, statusOf, translated } from '../../../../test/support/translated.ts'
import type { Route } from '../../model/index.ts'
import type { Compiled } from '../compile.ts'
import type { Condition } from '../status.ts'

interface Status {
  readonly conditions: readonly Condition[]
  readonly parents: readonly { readonly conditions: readonly Condition[] }[]
  readonly listeners: readonly { readonly name: string; readonly conditions: readonly Condition[] }[]
  readonly addresses: readonly { readonly value: string }[]
}

const gateway = (name: string, listeners: string, more = '') => `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: ${name}, creationTimestamp: '2026-01-01T00:00:0${name.length % 10}Z'}
spec: {gatewayClassName: slipway, listeners: [${listeners}]${more}}
---`
const http = '{name: http, port: 8080, protocol: HTTP}'
const web = `
apiVersion: v1
kind: Service
metadata: {name: web, annotations: {slipway.dev/endpoints: 127.0.0.1:3000}}
spec: {ports: [{port: 80}]}
---`
const route = (rules: string, { kind = 'HTTPRoute', name = 'web', hostnames = '' } = {}) => `
apiVersion: gateway.networking.k8s.io/v1
kind: ${kind}
metadata: {name: ${name}}
spec: {parentRefs: [{name: gw}], ${hostnames}rules: [${rules}]}
---`
const toWeb = 'backendRefs: [{name: web, port: 80}]'

function routesOf(compiled: Compiled): readonly Route[] {
  return compiled.snapshot.routeConfigurations[0]?.virtualHosts[0]?.routes ?? []
}

const parentConditions = (compiled: Compiled, kind: string, key: string) =>
  statusOf<Status>(compiled, kind, key).parents[0]?.conditions.map(shortCondition)

describe('rules of routes', () => {
  test('a rule that cannot be had is dropped alone, and said so', () => {
    const compiled = translated(
      objectSet(
        gateway('gw', http),
        web,
        route(`{matches: [{path: {type: RegularExpression, value: '/(?=x)'}}], ${toWeb}}, {${toWeb}}`),
      ),
    )
    assert.deepEqual(
      routesOf(compiled).map(({ name }) => name),
      ['HTTPRoute default/web rule 1'],
    )
    assert.deepEqual(parentConditions(compiled, 'HTTPRoute', 'default/web'), [
      'Accepted=True/Accepted',
      'ResolvedRefs=True/ResolvedRefs',
      'PartiallyInvalid=True/UnsupportedValue',
    ])
    const [conditions] = statusOf<Status>(compiled, 'HTTPRoute', 'default/web').parents
    assert.match(conditions?.conditions[2]?.message ?? '', /^Dropped Rule 0/)
  })

  test('filters that exclude each other: the route is not accepted', () => {
    const filters =
      'filters: [{type: URLRewrite, urlRewrite: {hostname: a.com}}, {type: RequestRedirect, requestRedirect: {scheme: https}}]'
    const compiled = translated(objectSet(gateway('gw', http), web, route(`{${filters}}`)))
    assert.deepEqual(parentConditions(compiled, 'HTTPRoute', 'default/web'), [
      'Accepted=False/IncompatibleFilters',
      'ResolvedRefs=True/ResolvedRefs',
    ])
  })

  test('a filter that nobody applies fails the request, and is never passed over', () => {
    const filters = 'filters: [{type: ExtensionRef, extensionRef: {group: x.io, kind: Y, name: z}}]'
    const compiled = translated(objectSet(gateway('gw', http), web, route(`{${filters}, ${toWeb}}`)))
    const [{ action } = { action: undefined }] = routesOf(compiled)
    assert.equal(action?.kind === 'response' && action.status, 500)
    assert.equal(
      parentConditions(compiled, 'HTTPRoute', 'default/web')?.[1],
      'ResolvedRefs=False/InvalidKind',
    )
  })

  test('a Host that is set is a rewrite; framing is left alone, with a warning', () => {
    const filters =
      'filters: [{type: RequestHeaderModifier, requestHeaderModifier: {set: [{name: Host, value: a.com}, {name: Connection, value: x}], remove: [Content-Length]}}]'
    const compiled = translated(objectSet(gateway('gw', http), web, route(`{${filters}, ${toWeb}}`)))
    const [first] = routesOf(compiled)
    assert.deepEqual(first?.action.kind === 'forward' && first.action.rewrite, { host: 'a.com' })
    assert.deepEqual(first?.requestHeaders, { set: [], add: [], remove: [] })
    const warned = compiled.diagnostics.filter(({ rule }) => rule === 'header-not-changeable')
    assert.equal(warned.length, 2)
  })

  test('timeouts, retries and sessions', () => {
    const rule = `{${toWeb}, timeouts: {request: 2s, backendRequest: 500ms}, retry: {codes: [503], attempts: 3, backoff: 50ms}, sessionPersistence: {sessionName: s, cookieConfig: {lifetimeType: Permanent}, absoluteTimeout: 1h}}`
    const [first] = routesOf(translated(objectSet(gateway('gw', http), web, route(rule))))
    assert.ok(first?.action.kind === 'forward')
    assert.equal(first.action.timeoutMs, 2000)
    assert.deepEqual(first.action.retry, {
      attempts: 3,
      on: ['connect-failure', 'refused-stream', 'reset', 'timeout', 503],
      perTryTimeoutMs: 500,
      backoffMs: 50,
    })
    assert.deepEqual(first.action.sessionPersistence, { kind: 'cookie', name: 's', maxAgeSeconds: 3600 })
  })

  test('of an HTTPRoute and a GRPCRoute with a hostname in common the first is accepted', () => {
    const hostnames = 'hostnames: [a.example.com], '
    const compiled = translated(
      objectSet(
        gateway('gw', http),
        web,
        route(`{${toWeb}}`, { name: 'a' }),
        route(`{${toWeb}}`, { kind: 'GRPCRoute', name: 'b', hostnames }),
      ),
    )
    assert.equal(parentConditions(compiled, 'HTTPRoute', 'default/a')?.[0], 'Accepted=True/Accepted')
    assert.equal(parentConditions(compiled, 'GRPCRoute', 'default/b')?.[0], 'Accepted=False/HostnameConflict')
  })

  test('an invalid backend is UNAVAILABLE to gRPC, as is a rule without one', () => {
    const compiled = translated(
      objectSet(gateway('gw', http), route('{backendRefs: [{name: no, port: 80}]}', { kind: 'GRPCRoute' })),
    )
    const [first] = routesOf(compiled)
    assert.ok(first?.action.kind === 'forward')
    assert.equal(first.action.noTargetStatus, 503)
    assert.deepEqual(first.action.targets, [
      { weight: 1, to: { status: 503, why: 'Service default/no is not there' } },
    ])
  })

  test('a parent that is nowhere is said so', () => {
    const compiled = translated(objectSet(web, route(`{${toWeb}}`)))
    assert.equal(
      parentConditions(compiled, 'HTTPRoute', 'default/web')?.[0],
      'Accepted=False/NoMatchingParent',
    )
    assert.ok(compiled.diagnostics.some(({ message }) => message === 'Gateway default/gw is not there'))
  })
})

test('fields without effect are told', () => {
  const listener =
    '{name: https, port: 8443, protocol: HTTPS, tls: {certificateRefs: [{name: no}], options: {a.b/c: d}}}'
  const compiled = translated(
    objectSet(gateway('gw', listener, ', infrastructure: {labels: {a: b}}, defaultScope: None')),
  )
  assert.deepEqual(
    compiled.diagnostics.filter(({ rule }) => rule === 'field-without-effect').map(({ message }) => message),
    [
      'infrastructure.labels has no effect: there are no objects of a cluster that could carry them',
      'listeners.0.tls.options has no effect: there are no options of TLS',
    ],
  )
})

describe('backends that are no Services', () => {
  const clusters = (reference: string, others: string) => {
    const compiled = translated(
      objectSet(gateway('gw', http), others, route(`{backendRefs: [${reference}]}`)),
    )
    return compiled.snapshot.clusters
  }

  test('a Backend of Envoy Gateway', () => {
    const backend = `
apiVersion: gateway.envoyproxy.io/v1alpha1
kind: Backend
metadata: {name: out}
spec: {endpoints: [{fqdn: {hostname: a.example.com, port: 443}}, {ip: {address: 10.0.0.1, port: 80}}, {unix: {path: /s}}]}
---`
    assert.deepEqual(clusters('{group: gateway.envoyproxy.io, kind: Backend, name: out}', backend), [
      {
        name: 'backend|default|out',
        discovery: 'strict-dns',
        endpoints: [
          { address: 'a.example.com', hostname: 'a.example.com', port: 443 },
          { address: '10.0.0.1', port: 80 },
          { address: 'unix:/s', port: 0 },
        ],
      },
    ])
  })

  test('a policy gives TLS to a Backend and to the hosts of a ServiceEntry', () => {
    const policy = (group: string, kind: string) => `
apiVersion: gateway.networking.k8s.io/v1
kind: BackendTLSPolicy
metadata: {name: ${kind.toLowerCase()}}
spec:
  targetRefs: [{group: ${group}, kind: ${kind}, name: out}]
  validation: {hostname: a.example.com, wellKnownCACertificates: System}
---`
    const targets = `
apiVersion: gateway.envoyproxy.io/v1alpha1
kind: Backend
metadata: {name: out}
spec: {endpoints: [{fqdn: {hostname: a.example.com, port: 443}}]}
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: out}
spec: {hosts: [b.example.com], ports: [{number: 443, name: https}], resolution: DNS}
---`
    const made = clusters(
      '{group: gateway.envoyproxy.io, kind: Backend, name: out}, {group: networking.istio.io, kind: Hostname, name: b.example.com, port: 443}',
      targets + policy('gateway.envoyproxy.io', 'Backend') + policy('networking.istio.io', 'ServiceEntry'),
    )
    assert.deepEqual(
      made.map(({ name, tls }) => [name, tls?.serverName, tls?.trust]),
      [
        ['backend|default|out', 'a.example.com', 'system'],
        ['outbound|443||b.example.com', 'a.example.com', 'system'],
      ],
    )
  })

  test('an ExternalName without ports has every port', () => {
    const external = `
apiVersion: v1
kind: Service
metadata: {name: out}
spec: {type: ExternalName, externalName: a.example.com}
---`
    assert.deepEqual(clusters('{name: out, port: 8443}', external), [
      {
        name: 'outbound|8443||out.default.svc.cluster.local',
        discovery: 'strict-dns',
        endpoints: [{ address: 'a.example.com', hostname: 'a.example.com', port: 8443 }],
      },
    ])
  })

  test('a backend that wants TLS and has no policy is warned of', () => {
    const secure = `
apiVersion: v1
kind: Service
metadata: {name: web, annotations: {slipway.dev/endpoints: 127.0.0.1:3000}}
spec: {ports: [{port: 443, appProtocol: https}]}
---`
    const compiled = translated(
      objectSet(gateway('gw', http), secure, route('{backendRefs: [{name: web, port: 443}]}')),
    )
    assert.ok(compiled.diagnostics.some(({ rule }) => rule === 'backend-without-tls'))
  })

  test('the host of a ServiceEntry, as Istio writes it', () => {
    const entry = `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: echo}
spec: {hosts: [echo.local], ports: [{number: 80, name: http, protocol: HTTP}], resolution: DNS}
---`
    assert.deepEqual(
      clusters('{group: networking.istio.io, kind: Hostname, name: echo.local, port: 80}', entry).map(
        ({ name, discovery }) => [name, discovery],
      ),
      [['outbound|80||echo.local', 'strict-dns']],
    )
  })
})

describe('several Gateways', () => {
  const addresses = (compiled: Compiled, name: string) =>
    statusOf<Status>(compiled, 'Gateway', `default/${name}`).addresses.map(({ value }) => value)
  const two = objectSet(gateway('a', http), gateway('bb', http))

  test('one that would collide takes an address of the pool', () => {
    const compiled = translated(two, { addressPool: ['127.0.0.2', '127.0.0.3'] })
    assert.deepEqual([addresses(compiled, 'a'), addresses(compiled, 'bb')], [['127.0.0.1'], ['127.0.0.2']])
  })

  test('without a pool the younger one does not get the port', () => {
    const compiled = translated(two)
    const { listeners, conditions } = statusOf<Status>(compiled, 'Gateway', 'default/bb')
    assert.deepEqual(listeners[0]?.conditions.slice(0, 2).map(shortCondition), [
      'Accepted=False/PortUnavailable',
      'Programmed=False/PortUnavailable',
    ])
    assert.equal(shortCondition(conditions[0]!), 'Accepted=False/ListenersNotValid')
    assert.equal(compiled.snapshot.listeners.length, 1)
  })

  test('with hostnames of their own they share a port', () => {
    const named = (hostname: string) => `{name: http, port: 8080, protocol: HTTP, hostname: ${hostname}}`
    const compiled = translated(objectSet(gateway('a', named('a.com')), gateway('bb', named('b.com'))))
    assert.deepEqual(
      compiled.snapshot.routeConfigurations[0]?.virtualHosts.map(({ name }) => name),
      ['a.com', 'b.com'],
    )
    assert.equal(compiled.snapshot.listeners[0]?.filterChains.length, 1)
  })

  test('HTTP and HTTPS on one port is no conflict; HTTP and TCP is', () => {
    const compiled = translated(objectSet(gateway('a', `${http}, {name: tcp, port: 8080, protocol: TCP}`)))
    const { listeners, conditions } = statusOf<Status>(compiled, 'Gateway', 'default/a')
    for (const listener of listeners) {
      assert.ok(listener.conditions.map(shortCondition).includes('Conflicted=True/ProtocolConflict'))
    }
    assert.equal(shortCondition(conditions[0]!), 'Accepted=False/ListenersNotValid')
    const beside = translated(
      objectSet(
        gateway(
          'a',
          `${http}, {name: https, port: 8080, protocol: HTTPS, tls: {certificateRefs: [{name: no}]}}`,
        ),
      ),
    )
    const [first] = statusOf<Status>(beside, 'Gateway', 'default/a').listeners
    assert.ok(first?.conditions.map(shortCondition).includes('Conflicted=False/NoConflicts'))
  })

  test('a class of another controller is left alone', () => {
    const others = `
apiVersion: gateway.networking.k8s.io/v1
kind: GatewayClass
metadata: {name: slipway}
spec: {controllerName: example.com/other}
---`
    const compiled = translated(objectSet(others, gateway('a', http)))
    assert.deepEqual(compiled.statuses, [])
    assert.deepEqual(
      compiled.diagnostics.map(({ severity, rule }) => [severity, rule]),
      [['info', 'class-of-another-controller']],
    )
  })
})
