import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { objectSet } from '../../../test/support/kube-objects.ts'
import type { FilterChain } from '../model/index.ts'
import { joinListeners } from './join.ts'
import type { Translation } from './translation.ts'

const origin = objectSet('apiVersion: v1\nkind: Ingress\nmetadata: {name: late}').list('Ingress')[0]!

/** A translation with one listener and one chain, whose routes have these domains. */
function part(name: string, chain: Partial<FilterChain>, domains: readonly string[] = []): Translation {
  const routes = [
    {
      name,
      match: { path: { kind: 'path-prefix' as const, value: '' } },
      action: { kind: 'response' as const, status: 200 },
    },
  ]
  return {
    listeners: [
      {
        name: '127.0.0.1:80/tcp',
        address: '127.0.0.1',
        port: 80,
        transport: 'tcp',
        filterChains: [
          {
            name,
            match: { tls: false, serverNames: [] },
            filter: { kind: 'http', routeConfiguration: name },
            ...chain,
          },
        ],
      },
    ],
    routeConfigurations: [
      { name, virtualHosts: domains.map((domain) => ({ name, domains: [domain], routes })) },
    ],
    clusters: [],
    secrets: [],
    statuses: [],
    diagnostics: [],
    origins: new Map([[name, origin]]),
  }
}

describe('listeners of one address and port', () => {
  test('plain HTTP chains become one, by domain', () => {
    const joined = joinListeners([part('a', {}, ['a.com', '*']), part('b', {}, ['b.com'])])
    assert.deepEqual(
      joined.listeners.map(({ filterChains }) => filterChains.map(({ name }) => name)),
      [['a, b']],
    )
    assert.deepEqual(
      joined.routeConfigurations.map(({ virtualHosts }) => virtualHosts.flatMap(({ domains }) => domains)),
      [['a.com', '*', 'b.com']],
    )
    assert.deepEqual(joined.collisions, {})
  })

  test('a domain goes to who comes first, and the other is told', () => {
    const joined = joinListeners([part('a', {}, ['a.com']), part('b', {}, ['a.com', 'b.com'])])
    assert.deepEqual(
      joined.routeConfigurations[0]?.virtualHosts.map(({ name, domains }) => [name, ...domains]),
      [
        ['a', 'a.com'],
        ['b', 'b.com'],
      ],
    )
    assert.deepEqual(joined.collisions, {
      b: { message: 'the host a.com at this address and port is taken by a' },
    })
    assert.equal(joined.diagnostics[0]?.object, 'Ingress default/late')
  })

  test('TLS chains are told apart by server name', () => {
    const tls = (...serverNames: string[]) => ({ match: { tls: true, serverNames } })
    const joined = joinListeners([
      part('a', tls('a.com')),
      part('b', tls('a.com', 'b.com')),
      part('c', tls()),
    ])
    assert.deepEqual(
      joined.listeners[0]?.filterChains.map(({ name, match }) => [name, ...match.serverNames]),
      [['a', 'a.com'], ['b', 'b.com'], ['c']],
    )
    assert.deepEqual(Object.keys(joined.collisions), ['b'])
  })

  test('a plain TCP chain stands alone', () => {
    const joined = joinListeners([part('a', {}, ['*']), part('b', { filter: { kind: 'tcp', targets: [] } })])
    assert.deepEqual(
      joined.listeners[0]?.filterChains.map(({ name }) => name),
      ['a'],
    )
    assert.deepEqual(Object.keys(joined.collisions), ['b'])
  })
})
