import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isNearer, reachOf } from './reach.ts'

for (const [host, reach] of [
  ['127.0.0.1', 'loopback'],
  ['127.8.0.1', 'loopback'],
  ['0.0.0.0', 'loopback'],
  ['[::1]', 'loopback'],
  ['::ffff:127.0.0.1', 'loopback'],
  ['10.1.2.3', 'private'],
  ['172.31.0.1', 'private'],
  ['192.168.1.1', 'private'],
  ['169.254.169.254', 'link'],
  ['100.64.0.1', 'private'],
  ['::ffff:10.0.0.1', 'private'],
  ['[fd00::1]', 'private'],
  ['fe80::1', 'link'],
  ['172.32.0.1', 'public'],
  ['93.184.216.34', 'public'],
  ['[2001:db8::1]', 'public'],
  ['r.example', undefined],
  ['localhost', undefined],
] as const) {
  test(`${host} is ${reach ?? 'known only by its lookup'}`, () => {
    assert.equal(reachOf(host), reach)
  })
}

test('nearer is nearer to this machine', () => {
  assert.equal(isNearer('loopback', 'private'), true)
  assert.equal(isNearer('loopback', 'link'), true)
  assert.equal(isNearer('link', 'private'), true)
  assert.equal(isNearer('private', 'public'), true)
  assert.equal(isNearer('private', 'private'), false)
  assert.equal(isNearer('public', 'loopback'), false)
})
