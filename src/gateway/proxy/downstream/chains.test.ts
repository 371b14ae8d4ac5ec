import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { FilterChain } from '../../model/index.ts'
import { chooseChain } from './chains.ts'

const chain = (name: string, match: Partial<FilterChain['match']>): FilterChain => ({
  name,
  match: { tls: true, serverNames: [], ...match },
  filter: { kind: 'http', routeConfiguration: 'routes' },
})

describe('chains of a listener', () => {
  const chains = [
    chain('any', {}),
    chain('exact', { serverNames: ['a.example.com', 'b.example.com'] }),
    chain('wide', { serverNames: ['*.example.com'] }),
    chain('narrow', { serverNames: ['*.x.example.com'] }),
    chain('near', { tls: false, sourceCidrs: ['10.0.0.0/8', 'fd00::/8', '192.0.2.1'] }),
    chain('plain', { tls: false }),
  ]
  const names: readonly [string | undefined, string][] = [
    ['a.example.com', 'exact'],
    ['c.example.com', 'wide'],
    ['c.d.example.com', 'wide'],
    ['y.x.example.com', 'narrow'],
    ['example.com', 'any'],
    ['.example.com', 'any'],
    [undefined, 'any'],
  ]
  for (const [serverName, expected] of names) {
    test(`${serverName ?? '(no name)'} is for ${expected}`, () =>
      assert.equal(chooseChain(chains, { tls: { serverName }, peer: '10.0.0.1' })?.name, expected))
  }
  for (const [peer, expected] of [
    ['10.1.2.3', 'near'],
    ['fd00::1', 'near'],
    ['192.0.2.1', 'near'],
    ['192.0.2.2', 'plain'],
    ['::1', 'plain'],
  ]) {
    test(`plain text from ${peer} is for ${expected}`, () =>
      assert.equal(chooseChain(chains, { tls: undefined, peer: peer! })?.name, expected))
  }
  test('nothing takes a name that no chain has', () =>
    assert.equal(chooseChain(chains.slice(1), { tls: { serverName: 'other.test' }, peer: '::1' }), undefined))
})
