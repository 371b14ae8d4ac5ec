import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { objectSet } from '../../../../test/support/kube-objects.ts'
import type { VirtualHost } from '../../model/index.ts'
import type { Candidate, HostedCandidate } from './candidate.ts'
import { tlsVirtualHosts, virtualHosts } from './virtual-hosts.ts'

const object = objectSet('apiVersion: v1\nkind: Route\nmetadata: {name: web}').list('Route')[0]!

/** A candidate by the name of its route; longer paths have a higher rank. */
function candidate(name: string, rank = 1): Candidate {
  const match = { path: { kind: 'path-prefix' as const, value: '' } }
  const route = { name, match, action: { kind: 'response' as const, status: 200 } }
  return { object, route, rank: [rank], order: [0, 0] }
}

const hosted = (hostname: string, name: string, rank?: number): HostedCandidate => ({
  hostname,
  candidate: candidate(name, rank),
})

/** `host: route, route` */
const shown = (hosts: readonly VirtualHost[]) =>
  hosts.map(({ domains, routes }) => `${domains.join(' ')}: ${routes.map(({ name }) => name).join(', ')}`)

describe('virtual hosts', () => {
  test('what fits no rule of a hostname falls to less specific ones of the same listener', () => {
    const hosts = virtualHosts([
      {
        hostname: '*',
        candidates: [
          hosted('a.example.com', 'exact'),
          hosted('*.example.com', 'wild', 9),
          hosted('*', 'any', 9),
        ],
      },
    ])
    assert.deepEqual(shown(hosts), ['a.example.com: exact, wild, any', '*.example.com: wild, any', '*: any'])
  })

  test('a route with two hostnames that cover a host is there once', () => {
    const both = candidate('both')
    const hosts = virtualHosts([
      {
        hostname: '*',
        candidates: [
          { hostname: 'a.com', candidate: both },
          { hostname: '*.com', candidate: both },
        ],
      },
    ])
    assert.deepEqual(shown(hosts), ['a.com: both', '*.com: both', '*: '])
  })

  test('a host belongs to the most specific listener, even with no route there', () => {
    const hosts = virtualHosts([
      { hostname: '*', candidates: [hosted('*', 'any'), hosted('b.foo.com', 'not reached')] },
      { hostname: '*.foo.com', candidates: [] },
    ])
    assert.deepEqual(shown(hosts), ['*: any', '*.foo.com: '])
  })

  test('hosts of other TLS listeners are misdirected', () => {
    const hosts = tlsVirtualHosts({ hostname: '*.wild.org', candidates: [hosted('*.wild.org', 'wild')] }, [
      '*',
      'one.wild.org',
    ])
    assert.deepEqual(shown(hosts), ['*.wild.org: wild', 'one.wild.org *: misdirected request'])
    assert.deepEqual(hosts[1]?.routes[0]?.action, {
      kind: 'response',
      status: 421,
      why: 'another listener of this port has this host',
    })
  })
})
