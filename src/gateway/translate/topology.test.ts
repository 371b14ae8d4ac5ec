import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { FilterChain, Listener } from '../model/index.ts'
import { behind } from './topology.ts'

const match = { tls: false, serverNames: [] }
const http: FilterChain = { name: 'h', match, filter: { kind: 'http', routeConfiguration: 'r' } }
const tcp: FilterChain = { name: 't', match, filter: { kind: 'tcp', targets: [] } }
const udp: FilterChain = { name: 'u', match, filter: { kind: 'udp', targets: [] } }
const listener = (transport: Listener['transport'], ...filterChains: FilterChain[]): Listener => ({
  name: `127.0.0.1:80/${transport}`,
  address: '127.0.0.1',
  port: 80,
  transport,
  filterChains,
})

describe('what stands in front', () => {
  const listeners = [listener('tcp', http, tcp), listener('udp', udp)]

  test('nothing changes nothing', () => assert.equal(behind({}, listeners), listeners))

  test('trusted proxies are told to HTTP chains', () => {
    const [first] = behind({ trustedHops: 2 }, listeners)
    assert.deepEqual(
      first?.filterChains.map(({ filter }) => filter),
      [{ kind: 'http', routeConfiguration: 'r', trustedHops: 2 }, tcp.filter],
    )
    assert.equal(first.proxyProtocol, undefined)
  })

  test('the PROXY protocol is for TCP', () => {
    const made = behind({ proxyProtocol: true }, listeners)
    assert.deepEqual(
      made.map(({ proxyProtocol }) => proxyProtocol),
      [true, undefined],
    )
  })
})
