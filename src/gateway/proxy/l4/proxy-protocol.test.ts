import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { readProxyHeader, writeProxyHeader } from './proxy-protocol.ts'

const four = { source: { address: '10.0.0.1', port: 4000 }, destination: { address: '10.0.0.2', port: 80 } }
const six = { source: { address: '2001:db8::1', port: 65_535 }, destination: { address: '::1', port: 443 } }
const mapped = { source: { address: '::ffff:10.0.0.1', port: 1 }, destination: { address: '::1', port: 2 } }

describe('PROXY protocol', () => {
  test('version 1 in text', () => {
    assert.equal(writeProxyHeader('v1', four).toString(), 'PROXY TCP4 10.0.0.1 10.0.0.2 4000 80\r\n')
    assert.equal(writeProxyHeader('v1', six).toString(), 'PROXY TCP6 2001:db8::1 ::1 65535 443\r\n')
  })

  test('version 2 in bytes', () => {
    assert.equal(
      writeProxyHeader('v2', four).toString('hex'),
      '0d0a0d0a000d0a515549540a' + '2111000c' + '0a000001' + '0a000002' + '0fa0' + '0050',
    )
  })

  for (const version of ['v1', 'v2'] as const) {
    for (const [name, addresses] of Object.entries({ four, six })) {
      test(`${version} of IPv${name} is read as it was written, whatever follows`, () => {
        const header = writeProxyHeader(version, addresses)
        assert.deepEqual(readProxyHeader(Buffer.concat([header, Buffer.from('GET /')])), {
          length: header.length,
          addresses,
        })
      })
    }
    test(`${version} cut anywhere needs more`, () => {
      const header = writeProxyHeader(version, six)
      for (let length = 0; length < header.length; length++) {
        assert.equal(readProxyHeader(header.subarray(0, length)), 'more', `${length} bytes`)
      }
    })
    test(`${version} of two families tells nothing`, () => {
      const header = writeProxyHeader(version, { ...four, source: six.source })
      assert.deepEqual(readProxyHeader(header), { length: header.length, addresses: undefined })
    })
  }

  test('IPv4 in IPv6', () => {
    const read = readProxyHeader(writeProxyHeader('v2', mapped))
    assert.ok(typeof read === 'object')
    assert.match(read.addresses?.source.address ?? '', /^::ffff:(?:10\.0\.0\.1|a00:1)$/)
  })

  const refused: [string, string][] = [
    ['no header', 'GET / HTTP/1.1\r\n'],
    ['an unknown family', 'PROXY TCP5 10.0.0.1 10.0.0.2 1 2\r\n'],
    ['an address of the other family', 'PROXY TCP4 ::1 ::1 1 2\r\n'],
    ['a port that is too large', 'PROXY TCP4 10.0.0.1 10.0.0.2 1 65536\r\n'],
    ['a port with a zero in front', 'PROXY TCP4 10.0.0.1 10.0.0.2 01 2\r\n'],
    ['a word too many', 'PROXY TCP4 10.0.0.1 10.0.0.2 1 2 3\r\n'],
    ['a line that does not end', `PROXY ${'x'.repeat(200)}`],
    ['version 3', '\r\n\r\n\0\r\nQUIT\n\x31\x11\0\0'],
    ['addresses that are cut', '\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x04\0\0\0\0'],
  ]
  for (const [name, text] of refused) {
    test(`refuses ${name}`, () => assert.equal(readProxyHeader(Buffer.from(text, 'latin1')), 'none'))
  }

  test('UNKNOWN and LOCAL tell nothing', () => {
    assert.deepEqual(readProxyHeader(Buffer.from('PROXY UNKNOWN\r\n')), { length: 15, addresses: undefined })
    const local = Buffer.from('\r\n\r\n\0\r\nQUIT\n\x20\0\0\0', 'latin1')
    assert.deepEqual(readProxyHeader(local), { length: 16, addresses: undefined })
  })
})
