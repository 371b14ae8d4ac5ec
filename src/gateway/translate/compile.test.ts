import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { objectSet } from '../../../test/support/kube-objects.ts'
import { shortCondition, statusOf, translated } from '../../../test/support/translated.ts'
import type { Condition } from './status.ts'

const gateway = `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: web}
spec:
  gatewayClassName: slipway
  listeners:
  - {name: wild, port: 8080, protocol: HTTP, hostname: '*.example.com'}
  - {name: all, port: 8080, protocol: HTTP}
---
apiVersion: v1
kind: Service
metadata: {name: web, annotations: {slipway.dev/endpoints: 127.0.0.1:3000}}
spec: {ports: [{port: 80}]}
---
`

const route = `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: web}
spec:
  parentRefs: [{name: web}]
  hostnames: [a.example.com, B.org]
  rules:
  - matches: [{path: {type: PathPrefix, value: /api/}}, {path: {type: Exact, value: /x}, method: GET}]
    backendRefs: [{name: web, port: 80}]
  - backendRefs: [{name: web, port: 80}, {name: gone, port: 80, weight: 3}]
`

interface RouteStatus {
  readonly parents: readonly { readonly conditions: readonly Condition[] }[]
}

interface GatewayStatus {
  readonly addresses: readonly { readonly value: string }[]
  readonly conditions: readonly Condition[]
  readonly listeners: readonly {
    readonly attachedRoutes: number
    readonly conditions: readonly Condition[]
  }[]
}

describe('compile', () => {
  const compiled = translated(objectSet(gateway, route))

  test('one listener, one chain, hosts of all its listeners, matches by precedence', () => {
    const { listeners, routeConfigurations } = compiled.snapshot
    assert.deepEqual(
      listeners.map(({ name, filterChains }) => [name, filterChains.length]),
      [['127.0.0.1:8080/tcp', 1]],
    )
    const hosts = routeConfigurations[0]?.virtualHosts ?? []
    assert.deepEqual(
      hosts.map(({ domains, routes }) => [domains[0], routes.map(({ match }) => match.path.value)]),
      [
        ['a.example.com', ['/x', '/api', '']],
        ['*.example.com', []],
        ['b.org', ['/x', '/api', '']],
        ['*', []],
      ],
    )
  })

  test('an invalid reference keeps its weight and answers 500', () => {
    const last = compiled.snapshot.routeConfigurations[0]?.virtualHosts[0]?.routes.at(-1)
    assert.deepEqual(last?.action.kind === 'forward' && last.action.targets, [
      { weight: 1, to: { cluster: 'outbound|80||web.default.svc.cluster.local' } },
      { weight: 3, to: { status: 500, why: 'Service default/gone is not there' } },
    ])
    assert.deepEqual(
      statusOf<RouteStatus>(compiled, 'HTTPRoute', 'default/web').parents[0]?.conditions.map(shortCondition),
      ['Accepted=True/Accepted', 'ResolvedRefs=False/BackendNotFound'],
    )
    const error = compiled.diagnostics.find(({ severity }) => severity === 'error')
    assert.equal(error?.rule, 'backend-not-found')
  })

  test('equal content has the same version', () => {
    assert.equal(translated(objectSet(route, gateway)).snapshot.version, compiled.snapshot.version)
    assert.notEqual(translated(objectSet(gateway)).snapshot.version, compiled.snapshot.version)
  })

  test('Programmed once bound, and not when the port is in use', () => {
    const bound = statusOf<GatewayStatus>(compiled, 'Gateway', 'default/web')
    assert.deepEqual(bound.conditions.map(shortCondition), [
      'Accepted=True/Accepted',
      'Programmed=True/Programmed',
      'ResolvedRefs=True/ResolvedRefs',
    ])
    assert.deepEqual(
      bound.listeners.map(({ attachedRoutes }) => attachedRoutes),
      [1, 1],
    )
    assert.deepEqual(
      bound.addresses.map(({ value }) => value),
      ['127.0.0.1'],
    )
    const reports = [
      { listener: '127.0.0.1:8080/tcp', bound: false, problem: 'port 8080 is in use', code: 'EADDRINUSE' },
    ]
    const unbound = statusOf<GatewayStatus>(compiled, 'Gateway', 'default/web', reports)
    assert.deepEqual(unbound.conditions.map(shortCondition), [
      'Accepted=False/ListenersNotValid',
      'Programmed=False/AddressNotUsable',
      'ResolvedRefs=True/ResolvedRefs',
    ])
    assert.deepEqual(unbound.listeners[0]?.conditions.slice(0, 2).map(shortCondition), [
      'Accepted=False/PortUnavailable',
      'Programmed=False/PortUnavailable',
    ])
  })

  test('an address that is not of this machine is AddressNotUsable, and its listeners stay accepted', () => {
    const reports = [
      {
        listener: '127.0.0.1:8080/tcp',
        bound: false,
        problem: 'no interface has 127.0.0.1',
        code: 'EADDRNOTAVAIL',
      },
    ]
    const unbound = statusOf<GatewayStatus>(compiled, 'Gateway', 'default/web', reports)
    assert.deepEqual(unbound.conditions.slice(0, 2).map(shortCondition), [
      'Accepted=True/Accepted',
      'Programmed=False/AddressNotUsable',
    ])
    assert.deepEqual(unbound.addresses, [])
  })

  test('a DestinationRule holds for the clusters of an HTTPRoute too', () => {
    const rule = `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: web}
spec: {host: web, trafficPolicy: {loadBalancer: {simple: ROUND_ROBIN}, connectionPool: {tcp: {maxConnections: 3}}}}
`
    const calls = route.replace('HTTPRoute', 'GRPCRoute').replace('{name: web}', '{name: calls}')
    const grpc = calls
      .replace(/hostnames: .*/, 'hostnames: [calls.org]')
      .replace(/rules:[^]*/, 'rules: [{backendRefs: [{name: web, port: 80}]}]')
    const { snapshot, diagnostics } = translated(objectSet(gateway, route, grpc, rule))
    const cluster = snapshot.clusters.find(
      ({ name }) => name === 'outbound|80||web.default.svc.cluster.local',
    )
    assert.equal(cluster?.loadBalancer?.policy, 'round-robin')
    assert.deepEqual(cluster.limits, { maxConnections: 3 })
    const forGrpc = snapshot.clusters.find(({ name }) => name === `${cluster.name}|h2`)
    assert.deepEqual(forGrpc?.limits, { maxConnections: 3 })
    assert.ok(diagnostics.every(({ object }) => object !== 'DestinationRule default/web'))
  })
})
