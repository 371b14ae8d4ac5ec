import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { readHead } from '../headers/incoming.ts'
import { clientAddress } from '../headers/forwarded.ts'
import { readHttp2Head } from './http2-head.ts'
import { splitTarget } from './request-target.ts'

const get = [':method', 'GET', ':scheme', 'https', ':path', '/a?b', ':authority', 'a.test']

describe('heads of HTTP/2', () => {
  test('become what HTTP/1 would say', () => {
    const head = readHttp2Head(
      [...get, 'cookie', 'a=1', 'x', '1', 'cookie', 'b=2', 'content-length', '5'],
      false,
    )
    assert.deepEqual(head, {
      method: 'GET',
      authority: 'a.test',
      target: '/a?b',
      headers: ['x', '1', 'cookie', 'a=1; b=2'],
      body: 5,
    })
  })
  const refused: readonly [string, readonly string[]][] = [
    ['Host that differs', [...get, 'host', 'b.test']],
    ['two Hosts', [...get, 'host', 'a.test', 'host', 'b.test']],
    ['a line feed in a value', [...get, 'x', 'a\nb']],
    ['NUL in a value', [...get, 'x', 'a\0b']],
    ['a method that is none', [':method', 'G T', ':path', '/', ':authority', 'a']],
    ['a path with a space', [':method', 'GET', ':path', '/a b', ':authority', 'a']],
    ['a path beyond ASCII', [':method', 'GET', ':path', '/é', ':authority', 'a']],
    ['no path', [':method', 'GET', ':authority', 'a']],
    ['two lengths', [...get, 'content-length', '5', 'content-length', '6']],
    ['a length that is none', [...get, 'content-length', '+5']],
  ]
  for (const [what, pairs] of refused) {
    test(`${what} is refused`, () => assert.equal(typeof readHttp2Head(pairs, true), 'string'))
  }
})

describe('headers of a request', () => {
  test('hop-by-hop ones and those that Connection names go no further', () => {
    const { headers, wantsTrailers } = readHead(
      [
        'Host',
        'a',
        'Connection',
        'close, X-Hop',
        'X-Hop',
        '1',
        'TE',
        'trailers, deflate',
        'Upgrade',
        'x',
        'Keep-Alive',
        '1',
        'X-Own',
        '2',
        'Expect',
        '100-continue',
      ],
      false,
    )
    assert.deepEqual(headers, ['X-Own', '2'])
    assert.ok(wantsTrailers)
  })
  test('those of proxies are believed only from proxies', () => {
    const told = [
      'X-Forwarded-For',
      'b',
      'X-Forwarded-For',
      'c',
      'X-Forwarded-Proto',
      'https',
      'X-Forwarded-Port',
      '1',
      'X-Envoy-Retry-On',
      '5xx',
      'X-Request-Id',
      'd',
      'Forwarded',
      'for=b',
    ]
    const stranger = readHead(told, false)
    assert.deepEqual(
      [stranger.headers, stranger.forwardedFor, stranger.requestId],
      [[], undefined, undefined],
    )
    const proxy = readHead(told, true)
    assert.deepEqual([proxy.forwardedFor, proxy.forwardedProto, proxy.requestId], ['b, c', 'https', 'd'])
    assert.deepEqual(proxy.headers, [
      'X-Forwarded-Port',
      '1',
      'X-Envoy-Retry-On',
      '5xx',
      'Forwarded',
      'for=b',
    ])
  })
  test('the client is as many places from the right as there are proxies', () => {
    assert.equal(clientAddress('a, b, c', 'peer', 0), 'peer')
    assert.equal(clientAddress('a, b, c', 'peer', 1), 'c')
    assert.equal(clientAddress('a, b, c', 'peer', 2), 'b')
    assert.equal(clientAddress('a, b, c', 'peer', 9), 'a')
    assert.equal(clientAddress(undefined, 'peer', 1), 'peer')
  })
})

describe('targets', () => {
  const cases: readonly [string, string, string?][] = [
    ['/a', '/a'],
    ['//a.test/b', '//a.test/b'],
    ['http://a.test/b?c', '/b?c', 'a.test'],
    ['HTTPS://a.test', '/', 'a.test'],
    ['http://a.test?c', '/?c', 'a.test'],
    ['*', '*'],
    ['ftp://a.test/', 'ftp://a.test/'],
  ]
  for (const [target, path, authority] of cases) {
    test(target, () => assert.deepEqual(splitTarget(target), { target: path, authority }))
  }
})
