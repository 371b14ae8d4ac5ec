/**
 * What a client can write that two readers could take for different requests: each its answer, over raw sockets, and never
 * a second request at the backend. Table in docs/gateway-data-plane.md.
 */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { echoBackend, type Seen } from '../support/gateway/backend.ts'
import { startPlane } from '../support/gateway/plane.ts'
import { parseAnswer, say, statusesIn } from '../support/gateway/raw-client.ts'
import { clusterOf, forwardTo, routeOf } from '../support/gateway/snapshots.ts'

const host = 'Host: example.com\r\n'
const smuggled = 'GET /smuggled HTTP/1.1\r\nHost: example.com\r\n\r\n'

/** Status 400 unless said otherwise, one answer, and nothing reaches the backend. */
const refused: readonly [string, string, number?][] = [
  [
    'Content-Length and Transfer-Encoding',
    `POST / HTTP/1.1\r\n${host}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${smuggled}`,
  ],
  [
    'Transfer-Encoding and Content-Length',
    `POST / HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n${smuggled}`,
  ],
  ['two lengths', `POST / HTTP/1.1\r\n${host}Content-Length: 5\r\nContent-Length: 0\r\n\r\nhello`],
  ['two equal lengths', `POST / HTTP/1.1\r\n${host}Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello`],
  ['a list of lengths', `POST / HTTP/1.1\r\n${host}Content-Length: 5, 5\r\n\r\nhello`],
  ['a length with a sign', `POST / HTTP/1.1\r\n${host}Content-Length: +5\r\n\r\nhello`],
  ['a negative length', `POST / HTTP/1.1\r\n${host}Content-Length: -1\r\n\r\n`],
  ['a hexadecimal length', `POST / HTTP/1.1\r\n${host}Content-Length: 0x5\r\n\r\nhello`],
  ['a length with a space in it', `POST / HTTP/1.1\r\n${host}Content-Length: 5 0\r\n\r\nhello`],
  ['an unknown coding', `POST / HTTP/1.1\r\n${host}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`],
  ['chunked not last', `POST / HTTP/1.1\r\n${host}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n`],
  [
    'a coding before chunked',
    `POST / HTTP/1.1\r\n${host}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n${smuggled}`,
  ],
  [
    'chunked twice',
    `POST / HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  ],
  ['chunked in HTTP/1.0', `POST / HTTP/1.0\r\n${host}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n${smuggled}`],
  [
    'a vertical tab before chunked',
    `POST / HTTP/1.1\r\n${host}Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n`,
  ],
  ['a space before the colon', `POST / HTTP/1.1\r\n${host}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n`],
  ['a line that goes on', `GET / HTTP/1.1\r\n${host}X: a\r\n b\r\n\r\n`],
  ['a first header that starts with a space', `GET / HTTP/1.1\r\n Host: example.com\r\n\r\n`],
  ['a bare line feed', `GET / HTTP/1.1\n${host}\n`],
  ['a bare line feed between headers', `GET / HTTP/1.1\r\n${host}X: a\nY: b\r\n\r\n`],
  ['a bare carriage return', `GET / HTTP/1.1\r\n${host}X: a\rY: b\r\n\r\n`],
  ['NUL in a value', `GET / HTTP/1.1\r\n${host}X: a\0b\r\n\r\n`],
  ['NUL in a name', `GET / HTTP/1.1\r\n${host}X\0: a\r\n\r\n`],
  ['a name with a space', `GET / HTTP/1.1\r\n${host}X Y: a\r\n\r\n`],
  ['no name', `GET / HTTP/1.1\r\n${host}: a\r\n\r\n`],
  ['no Host', 'GET / HTTP/1.1\r\n\r\n'],
  ['two Hosts', `GET / HTTP/1.1\r\n${host}Host: other.test\r\n\r\n`],
  ['two equal Hosts', `GET / HTTP/1.1\r\n${host}${host}\r\n`],
  ['an empty Host', 'GET / HTTP/1.1\r\nHost:\r\n\r\n'],
  ['user-info in Host', 'GET / HTTP/1.1\r\nHost: a@example.com\r\n\r\n'],
  ['a path in Host', 'GET / HTTP/1.1\r\nHost: example.com/x\r\n\r\n'],
  ['a list in Host', 'GET / HTTP/1.1\r\nHost: a.test, b.test\r\n\r\n'],
  ['user-info in an absolute target', `GET http://a@example.com/ HTTP/1.1\r\n${host}\r\n`],
  ['a fragment', `GET /a#b HTTP/1.1\r\n${host}\r\n`],
  ['an escaped NUL', `GET /a%00b HTTP/1.1\r\n${host}\r\n`],
  ['raw bytes beyond ASCII in the path', `GET /\xe9 HTTP/1.1\r\n${host}\r\n`],
  ['a tab in the request line', `GET\t/ HTTP/1.1\r\n${host}\r\n`],
  ['an unknown version', `GET / HTTP/1.2\r\n${host}\r\n`],
  ['HTTP/0.9', 'GET /\r\n\r\n'],
  ['a target that is no path', `GET nonsense HTTP/1.1\r\n${host}\r\n`],
  ['a star for GET', `GET * HTTP/1.1\r\n${host}\r\n`],
  [
    'a chunk size that is no number',
    `POST / HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\n\r\n0x0\r\n\r\n`,
  ],
  [
    'a chunk longer than it says',
    `POST / HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n`,
  ],
  [
    'a chunk size that ends in a line feed',
    `POST / HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\n\r\n1\na\r\n0\r\n\r\n`,
  ],
  ['CONNECT', `CONNECT example.com:443 HTTP/1.1\r\n${host}\r\n`, 405],
  ['an expectation that is unknown', `GET / HTTP/1.1\r\n${host}Expect: magic\r\n\r\n`, 417],
  ['a head of more than 60 KiB', `GET / HTTP/1.1\r\n${host}X: ${'a'.repeat(70_000)}\r\n\r\n`, 431],
  ['300 headers', `GET / HTTP/1.1\r\n${host}${'X: a\r\n'.repeat(300)}\r\n${smuggled}`, 431],
  ['2500 headers', `GET / HTTP/1.1\r\n${host}${'X: a\r\n'.repeat(2500)}\r\n`, 431],
  ['no HTTP', 'nonsense\r\n\r\n'],
]

/** Reaches the backend as this. */
const passed: readonly [
  string,
  string,
  Partial<Pick<Seen, 'method' | 'url' | 'body'>> & { readonly headers?: Record<string, string | undefined> },
][] = [
  [
    'an absolute target goes before Host',
    'GET http://other.test/a HTTP/1.1\r\nHost: example.com\r\n\r\n',
    { url: '/a', headers: { host: 'other.test' } },
  ],
  ['dot segments', `GET /a/../b HTTP/1.1\r\n${host}\r\n`, { url: '/b' }],
  ['escaped dot segments', `GET /a/%2e%2E/b HTTP/1.1\r\n${host}\r\n`, { url: '/b' }],
  [
    'more dot segments than there are',
    `GET /../../etc/passwd HTTP/1.1\r\n${host}\r\n`,
    { url: '/etc/passwd' },
  ],
  ['an escaped slash', `GET /a%2fb HTTP/1.1\r\n${host}\r\n`, { url: '/a%2Fb' }],
  ['double slashes', `GET //a//b HTTP/1.1\r\n${host}\r\n`, { url: '//a//b' }],
  ['two spaces in the request line', `GET /  HTTP/1.1\r\n${host}\r\n`, { url: '/' }],
  ['OPTIONS of everything', `OPTIONS * HTTP/1.1\r\n${host}\r\n`, { method: 'OPTIONS', url: '*' }],
  ['GET with a body', `GET / HTTP/1.1\r\n${host}Content-Length: 5\r\n\r\nhello`, { body: 'hello' }],
  [
    'chunk extensions are dropped',
    `POST / HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n0\r\n\r\n`,
    { body: 'hello' },
  ],
  [
    'chunked in capitals',
    `POST / HTTP/1.1\r\n${host}Transfer-Encoding: CHUNKED\r\n\r\n5\r\nhello\r\n0\r\n\r\n`,
    { body: 'hello' },
  ],
  [
    'headers that Connection names',
    `GET / HTTP/1.1\r\n${host}Connection: keep-alive, X-Hop\r\nX-Hop: 1\r\n\r\n`,
    { headers: { 'x-hop': undefined } },
  ],
  [
    'Connection cannot take what proxies say',
    `GET / HTTP/1.1\r\n${host}Connection: x-forwarded-for, x-request-id, authorization\r\nAuthorization: b\r\n\r\n`,
    { headers: { 'x-forwarded-for': '127.0.0.1', authorization: 'b' } },
  ],
  [
    'a forged X-Forwarded-For',
    `GET / HTTP/1.1\r\n${host}X-Forwarded-For: 10.0.0.1\r\nX-Forwarded-Host: a\r\nX-Real-IP: b\r\nForwarded: for=c\r\n\r\n`,
    {
      headers: {
        'x-forwarded-for': '127.0.0.1',
        'x-forwarded-host': undefined,
        'x-real-ip': undefined,
        forwarded: undefined,
      },
    },
  ],
  [
    'hop-by-hop headers',
    `GET / HTTP/1.1\r\n${host}Proxy-Authorization: a\r\nProxy-Connection: b\r\nKeep-Alive: c\r\nTE: trailers\r\nTrailer: x\r\n\r\n`,
    {
      headers: {
        'proxy-authorization': undefined,
        'proxy-connection': undefined,
        'keep-alive': undefined,
        te: undefined,
        trailer: undefined,
      },
    },
  ],
  [
    'h2c by Upgrade is not taken up',
    `GET / HTTP/1.1\r\n${host}Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n`,
    {
      headers: { upgrade: undefined, 'http2-settings': undefined },
    },
  ],
  ['a request of HTTP/1.0', `GET /old HTTP/1.0\r\n${host}\r\n`, { url: '/old' }],
]

describe('requests over raw sockets', () => {
  for (const [what, bytes, status = 400] of refused) {
    test(`${what}: ${status}`, async (t) => {
      const backend = await echoBackend(t)
      const { port, ask } = await startPlane(t, {
        routes: [routeOf(forwardTo('c'))],
        clusters: [clusterOf('c', [backend.port])],
      })
      const text = await say(port, Buffer.from(bytes, 'latin1'))
      assert.deepEqual(statusesIn(text), [status], text.slice(0, 300))
      assert.ok(!backend.seen.some(({ url }) => url === '/smuggled'))
      assert.equal((await ask('/next')).status, 200)
    })
  }
  for (const [what, bytes, expected] of passed) {
    test(what, async (t) => {
      const backend = await echoBackend(t)
      const { port } = await startPlane(t, {
        routes: [routeOf(forwardTo('c'))],
        clusters: [clusterOf('c', [backend.port])],
      })
      const answer = parseAnswer(await say(port, Buffer.from(bytes, 'latin1')))
      assert.equal(answer.status, 200, answer.body)
      assert.equal(backend.seen.length, 1)
      const { headers = {}, ...rest } = expected
      const seen = backend.seen[0]!
      for (const [key, value] of Object.entries(rest)) assert.equal(seen[key as 'url'], value)
      for (const [name, value] of Object.entries(headers)) assert.equal(seen.headers[name], value, name)
    })
  }

  for (const [what, bytes, statuses] of [
    ['too many headers', `GET / HTTP/1.1\r\n${host}${'X: a\r\n'.repeat(300)}\r\n`, [200, 431]],
    ['an expectation that is unknown', `GET / HTTP/1.1\r\n${host}Expect: magic\r\n\r\n`, [200, 417]],
    ['CONNECT', `CONNECT a:1 HTTP/1.1\r\n${host}\r\n`, [200]],
    ['no HTTP', 'nonsense\r\n\r\n', [200]],
  ] as const) {
    test(`${what} behind a request that runs: its answer comes first, then the end`, async (t) => {
      const backend = await echoBackend(
        t,
        'slow',
        (_, response) => void setTimeout(() => response.end('slow'), 50),
      )
      const { port } = await startPlane(t, {
        routes: [routeOf(forwardTo('c'))],
        clusters: [clusterOf('c', [backend.port])],
      })
      const text = await say(port, Buffer.from(`GET /slow HTTP/1.1\r\n${host}\r\n${bytes}${smuggled}`), 1000)
      assert.deepEqual(statusesIn(text), statuses, text)
      assert.deepEqual(
        backend.seen.map(({ url }) => url),
        ['/slow'],
      )
    })
  }

  test('requests one behind the other are answered in their order', async (t) => {
    const backend = await echoBackend(t)
    const { port } = await startPlane(t, {
      routes: [routeOf(forwardTo('c'))],
      clusters: [clusterOf('c', [backend.port])],
    })
    const requests = ['/1', '/2', '/3'].map((path) => `GET ${path} HTTP/1.1\r\n${host}\r\n`)
    const text = await say(port, requests.join(''))
    assert.deepEqual(statusesIn(text), [200, 200, 200])
    assert.ok(text.indexOf('"/1"') < text.indexOf('"/2"') && text.indexOf('"/2"') < text.indexOf('"/3"'))
  })
})
