import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { readProxyHeader, writeProxyHeader, type ProxiedFrom } from './proxy-protocol.ts'

const four: ProxiedFrom = {
  source: '10.0.0.1',
  sourcePort: 1234,
  destination: '10.0.0.2',
  destinationPort: 443,
}
const six: ProxiedFrom = {
  source: '2001:db8:0:0:0:0:0:1',
  sourcePort: 1,
  destination: '2001:db8:0:0:0:0:0:2',
  destinationPort: 65_535,
}

describe('PROXY protocol', () => {
  for (const version of ['v1', 'v2'] as const) {
    for (const [what, from] of [
      ['IPv4', four],
      ['IPv6', six],
    ] as const) {
      test(`${version} of ${what} is read as it was written, byte by byte`, () => {
        const header = writeProxyHeader(version, from)
        for (let size = 1; size < header.length; size++)
          assert.equal(readProxyHeader(header.subarray(0, size)), 'more')
        const read = readProxyHeader(Buffer.concat([header, Buffer.from('GET /')]))
        assert.deepEqual(read, { from, length: header.length })
      })
    }
  }
  test('an IPv6 address in short', () => {
    const header = writeProxyHeader('v2', { ...six, source: '2001:db8::1' })
    assert.deepEqual(readProxyHeader(header), { from: six, length: header.length })
  })
  test('a proxy that speaks for itself', () => {
    assert.deepEqual(readProxyHeader(Buffer.from('PROXY UNKNOWN\r\n')), { from: undefined, length: 15 })
    const local = Buffer.concat([writeProxyHeader('v2', four)])
    local[12] = 0x20
    assert.deepEqual(readProxyHeader(local), { from: undefined, length: local.length })
  })
  for (const bad of [
    'GET / HTTP/1.1\r\n',
    'PROXY TCP5 a b 1 2\r\n',
    `PROXY TCP4 ${'1'.repeat(200)}`,
    '\x16\x03\x01',
  ]) {
    test(`none in ${JSON.stringify(bad.slice(0, 20))}`, () =>
      assert.equal(readProxyHeader(Buffer.from(bad, 'latin1')), 'none'))
  }
})
