/** Every field of a route, with a request that shows it: what it matches, what it changes, what it answers. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Route, RouteMatch } from '../../src/gateway/model/index.ts'
import { echoBackend, type Seen } from '../support/gateway/backend.ts'
import { startPlane, type AskOptions } from '../support/gateway/plane.ts'
import { clusterOf, forwardTo, routeOf } from '../support/gateway/snapshots.ts'

const all = { kind: 'path-prefix' as const, value: '' }

describe('match', () => {
  const cases: readonly [
    string,
    Partial<RouteMatch>,
    readonly [string, AskOptions?][],
    readonly [string, AskOptions?][],
  ][] = [
    [
      'exact path',
      { path: { kind: 'exact', value: '/a' } },
      [['/a'], ['/a?b'], ['/x/../a']],
      [['/a/'], ['/A'], ['/ab']],
    ],
    [
      'exact path without case',
      { path: { kind: 'exact', value: '/a', ignoreCase: true } },
      [['/A']],
      [['/b']],
    ],
    [
      'prefix by element',
      { path: { kind: 'path-prefix', value: '/foo' } },
      [['/foo'], ['/foo/'], ['/foo/x']],
      [['/foobar'], ['/FOO']],
    ],
    ['plain prefix', { path: { kind: 'prefix', value: '/foo' } }, [['/foo'], ['/foobar']], [['/fo']]],
    [
      'plain prefix without case',
      { path: { kind: 'prefix', value: '/foo', ignoreCase: true } },
      [['/FOObar']],
      [['/x']],
    ],
    [
      'regular expression, whole path',
      { path: { kind: 'regex', value: '/v[0-9]+' } },
      [['/v12']],
      [['/v12/x'], ['/x/v1']],
    ],
    ['method', { method: { kind: 'exact', value: 'PUT' } }, [['/', { method: 'PUT' }]], [['/']]],
    ['scheme', { scheme: { kind: 'exact', value: 'http' } }, [['/']], []],
    [
      'other scheme',
      { scheme: { kind: 'exact', value: 'https' } },
      [],
      [['/'], ['/', { headers: { 'x-forwarded-proto': 'https' } }]],
    ],
    [
      'authority',
      { authority: { kind: 'exact', value: 'a.test' } },
      [['/', { headers: { host: 'A.test:80' } }]],
      [['/']],
    ],
    [
      'authority by prefix',
      { authority: { kind: 'prefix', value: 'a.' } },
      [['/', { headers: { host: 'a.b' } }]],
      [['/']],
    ],
    [
      'authority by expression',
      { authority: { kind: 'regex', value: '[ab]\\.test' } },
      [['/', { headers: { host: 'b.test' } }]],
      [['/', { headers: { host: 'xb.test' } }]],
    ],
    [
      'header',
      { headers: [{ name: 'X-A', value: { kind: 'exact', value: '1' } }] },
      [['/', { headers: { 'x-a': '1' } }]],
      [['/'], ['/', { headers: { 'x-a': '12' } }]],
    ],
    [
      'header without case',
      { headers: [{ name: 'x', value: { kind: 'exact', value: 'YES', ignoreCase: true } }] },
      [['/', { headers: { x: 'yes' } }]],
      [['/', { headers: { x: 'no' } }]],
    ],
    [
      'several values of a header',
      { headers: [{ name: 'x', value: { kind: 'exact', value: '1,2' } }] },
      [['/', { headers: { x: ['1', '2'] } }]],
      [['/', { headers: { x: '1' } }]],
    ],
    [
      'header that is there',
      { headers: [{ name: 'x', value: { kind: 'present' } }] },
      [['/', { headers: { x: '' } }]],
      [['/']],
    ],
    [
      'header that is not',
      { headers: [{ name: 'x', value: { kind: 'present' }, invert: true }] },
      [['/']],
      [['/', { headers: { x: '' } }]],
    ],
    [
      'headers all',
      {
        headers: [
          { name: 'x', value: { kind: 'prefix', value: 'a' } },
          { name: 'y', value: { kind: 'regex', value: 'b+' } },
        ],
      },
      [['/', { headers: { x: 'ab', y: 'bb' } }]],
      [['/', { headers: { x: 'ab' } }]],
    ],
    [
      'query',
      { query: [{ name: 'a', value: { kind: 'exact', value: 'b c' } }] },
      [['/?a=b%20c'], ['/?a=b+c&a=x']],
      [['/'], ['/?a=x&a=b%20c'], ['/?A=b%20c']],
    ],
    [
      'query that is not',
      { query: [{ name: 'a', value: { kind: 'exact', value: '1' }, invert: true }] },
      [['/'], ['/?a=2']],
      [['/?a=1']],
    ],
    [
      'gRPC',
      { grpc: true },
      [['/', { method: 'POST', headers: { 'content-type': 'application/grpc' } }]],
      [['/', { method: 'POST', headers: { 'content-type': 'text/plain' } }]],
    ],
  ]
  for (const [what, match, fitting, others] of cases) {
    test(what, async (t) => {
      const { ask } = await startPlane(t, {
        routes: [
          routeOf({ kind: 'response', status: 201, grpcStatus: 0 }, { match: { path: all, ...match } }),
          routeOf({ kind: 'response', status: 202 }),
        ],
      })
      const found = async ([path, options]: readonly [string, AskOptions?]) => {
        const { status, headers } = await ask(path, options)
        return status === 201 || headers['grpc-status'] === '0'
      }
      for (const asked of fitting) assert.ok(await found(asked), `${JSON.stringify(asked)} should match`)
      for (const asked of others)
        assert.ok(!(await found(asked)), `${JSON.stringify(asked)} should not match`)
    })
  }

  test('the first of several wins', async (t) => {
    const { ask } = await startPlane(t, {
      routes: [
        routeOf({ kind: 'response', status: 201 }, { match: { path: { kind: 'regex', value: '/a.*' } } }),
        routeOf({ kind: 'response', status: 202 }, { match: { path: { kind: 'exact', value: '/ab' } } }),
      ],
    })
    assert.equal((await ask('/ab')).status, 201)
  })
})

describe('virtual hosts', () => {
  test('requireTls answers plain HTTP with 301, whatever the routes', async (t) => {
    const { ask } = await startPlane(t, {
      virtualHosts: [
        {
          name: 'v',
          domains: ['a.test'],
          requireTls: true,
          routes: [routeOf({ kind: 'response', status: 200 })],
        },
      ],
    })
    const answer = await ask('/x?y', { headers: { host: 'a.test:8080' } })
    assert.equal(answer.status, 301)
    assert.equal(answer.headers['location'], 'https://a.test/x?y')
    assert.equal((await ask('/')).status, 404)
  })
})

describe('what backends get', () => {
  const seenBy = async (
    t: Parameters<typeof echoBackend>[0],
    route: Partial<Route>,
    action: Parameters<typeof forwardTo>[1] = {},
  ) => {
    const backend = await echoBackend(t)
    const plane = await startPlane(t, {
      routes: [{ ...routeOf(forwardTo('c', action)), ...route }],
      clusters: [clusterOf('c', [backend.port])],
    })
    return async (path: string, options: AskOptions = {}) =>
      JSON.parse((await plane.ask(path, options)).body) as Seen
  }
  const target = (rest: object) => ({ targets: [{ weight: 1, to: { cluster: 'c' }, ...rest }] })

  test('headers of the route, then of the target', async (t) => {
    const ask = await seenBy(
      t,
      {
        requestHeaders: {
          set: [{ name: 'X-Set', value: 'route' }],
          add: [{ name: 'x-add', value: '2' }],
          remove: ['x-gone', 'Content-Length', 'host'],
        },
      },
      target({ requestHeaders: { set: [{ name: 'x-set', value: 'target' }] } }),
    )
    const { headers, body } = await ask('/', {
      method: 'POST',
      body: 'hi',
      headers: { 'x-set': 'own', 'x-add': '1', 'X-Gone': 'x' },
    })
    assert.deepEqual(
      [headers['x-set'], headers['x-add'], headers['x-gone'], body],
      ['target', '1, 2', undefined, 'hi'],
    )
    assert.ok(headers['host'])
  })

  test('headers that would frame or split the message are left out', async (t) => {
    const ask = await seenBy(t, {
      requestHeaders: {
        set: [
          { name: 'Transfer-Encoding', value: 'chunked' },
          { name: 'Connection', value: 'close' },
          { name: ':path', value: '/evil' },
          { name: 'x-split', value: 'a\r\nx-evil: b' },
        ],
      },
    })
    const { headers, url } = await ask('/')
    assert.equal(url, '/')
    assert.deepEqual(
      [headers['transfer-encoding'], headers['x-split'], headers['x-evil']],
      [undefined, undefined, undefined],
    )
  })

  test('a Host that is set is the authority', async (t) => {
    const ask = await seenBy(t, { requestHeaders: { set: [{ name: 'Host', value: 'b.test' }] } })
    const { headers } = await ask('/', { headers: { host: 'a.test' } })
    assert.deepEqual([headers['host'], headers['x-forwarded-host']], ['b.test', 'a.test'])
  })

  const rewrites: readonly [string, object, string, string][] = [
    ['full', { kind: 'full', value: '/new' }, '/old?q=1', '/new?q=1'],
    ['prefix by element', { kind: 'path-prefix', prefix: '/foo', value: '/' }, '/foo/bar', '/bar'],
    ['plain prefix', { kind: 'prefix', prefix: '/foo', value: '/x' }, '/foobar?q', '/xbar?q'],
    ['expression', { kind: 'regex', pattern: '/(\\w+)/(\\w+)', value: '/\\2/\\1' }, '/a/b', '/b/a'],
  ]
  for (const [what, path, from, to] of rewrites) {
    test(`rewritten path: ${what}`, async (t) => {
      const ask = await seenBy(t, {}, { rewrite: { path: path as never } })
      assert.equal((await ask(from)).url, to)
    })
  }

  test('rewritten host, that of the target before that of the action', async (t) => {
    const ask = await seenBy(
      t,
      {},
      { rewrite: { host: 'action.test' }, ...target({ rewrite: { host: 'target.test' } }) },
    )
    const { headers } = await ask('/', { headers: { host: 'a.test' } })
    assert.deepEqual([headers['host'], headers['x-forwarded-host']], ['target.test', 'a.test'])
  })

  test('X-Forwarded-For is believed as far as proxies are trusted', async (t) => {
    const backend = await echoBackend(t)
    const { ask, log } = await startPlane(t, {
      manager: { trustedHops: 1, serverName: 'istio-envoy' },
      routes: [routeOf(forwardTo('c'))],
      clusters: [clusterOf('c', [backend.port])],
    })
    const answer = await ask('/', {
      headers: {
        'x-forwarded-for': '1.1.1.1, 2.2.2.2',
        'x-forwarded-proto': 'https',
        'x-request-id': 'mine',
      },
    })
    const { headers } = JSON.parse(answer.body) as Seen
    assert.deepEqual(
      [headers['x-forwarded-for'], headers['x-forwarded-proto'], headers['x-request-id']],
      ['1.1.1.1, 2.2.2.2, 127.0.0.1', 'https', 'mine'],
    )
    assert.equal(log[0]?.client, '2.2.2.2')
    assert.equal(answer.headers['server'], 'istio-envoy')
  })
})

describe('what clients get', () => {
  test('headers of the target, then of the route', async (t) => {
    const backend = await echoBackend(t, 'echo', (_, response) => {
      response
        .writeHead(200, [
          'X-Set',
          'own',
          'X-Add',
          '1',
          'X-Gone',
          'x',
          'Set-Cookie',
          'a',
          'Set-Cookie',
          'b',
          'Connection',
          'x-hop',
          'X-Hop',
          '1',
          'Server',
          'own',
        ])
        .end()
    })
    const { ask } = await startPlane(t, {
      routes: [
        routeOf(
          forwardTo('c', {
            targets: [
              {
                weight: 1,
                to: { cluster: 'c' },
                responseHeaders: { set: [{ name: 'x-set', value: 'target' }] },
              },
            ],
          }),
          {
            responseHeaders: {
              add: [{ name: 'x-add', value: '2' }],
              remove: ['x-gone'],
              set: [{ name: 'x-set', value: 'route' }],
            },
          },
        ),
      ],
      clusters: [clusterOf('c', [backend.port])],
    })
    const { headers } = await ask('/')
    assert.deepEqual(
      [headers['x-set'], headers['x-add'], headers['x-gone'], headers['x-hop']],
      ['route', '1, 2', undefined, undefined],
    )
    assert.deepEqual(headers['set-cookie'], ['a', 'b'])
    assert.equal(headers['server'], 'own')
  })

  test('CORS: preflights are answered here, other answers are marked, the own ones of the backend give way', async (t) => {
    const backend = await echoBackend(t, 'echo', (_, response) =>
      response.writeHead(200, { 'access-control-allow-origin': '*' }).end(),
    )
    const { ask } = await startPlane(t, {
      routes: [
        routeOf(forwardTo('c'), {
          cors: {
            allowOrigins: [{ kind: 'exact', value: 'https://a.test' }],
            allowMethods: ['PUT'],
            allowHeaders: [],
            exposeHeaders: ['x-e'],
            allowCredentials: true,
            maxAgeSeconds: 5,
          },
        }),
      ],
      clusters: [clusterOf('c', [backend.port])],
    })
    const preflight = await ask('/', {
      method: 'OPTIONS',
      headers: { origin: 'https://a.test', 'access-control-request-method': 'PUT' },
    })
    assert.deepEqual(
      [preflight.status, preflight.headers['access-control-allow-methods'], backend.seen.length],
      [200, 'PUT', 0],
    )
    const marked = await ask('/', { headers: { origin: 'https://a.test' } })
    assert.deepEqual(
      [
        marked.headers['access-control-allow-origin'],
        marked.headers['access-control-expose-headers'],
        marked.headers['access-control-allow-credentials'],
      ],
      ['https://a.test', 'x-e', 'true'],
    )
    assert.equal(
      (await ask('/', { headers: { origin: 'https://b.test' } })).headers['access-control-expose-headers'],
      undefined,
    )
  })

  test('faults delay and abort their share', async (t) => {
    const { ask, log } = await startPlane(t, {
      routes: [
        routeOf(
          { kind: 'response', status: 200 },
          {
            match: { path: { kind: 'exact', value: '/abort' } },
            fault: { abort: { status: 418, fraction: 1 } },
          },
        ),
        routeOf(
          { kind: 'response', status: 200 },
          {
            match: { path: { kind: 'exact', value: '/never' } },
            fault: { abort: { status: 418, fraction: 0 } },
          },
        ),
        routeOf(
          { kind: 'response', status: 200 },
          { match: { path: { kind: 'exact', value: '/delay' } }, fault: { delay: { ms: 60, fraction: 1 } } },
        ),
        routeOf(
          { kind: 'response', status: 200 },
          { fault: { abort: { status: 503, grpcStatus: 7, fraction: 1 } } },
        ),
      ],
    })
    assert.equal((await ask('/abort')).status, 418)
    assert.equal((await ask('/never')).status, 200)
    assert.equal((await ask('/delay')).status, 200)
    assert.equal(
      (await ask('/', { method: 'POST', headers: { 'content-type': 'application/grpc' } })).headers[
        'grpc-status'
      ],
      '7',
    )
    assert.deepEqual(
      log.map(({ flags }) => flags),
      ['FI', '-', 'DI', 'FI'],
    )
    assert.ok((log[2]?.durationMs ?? 0) >= 55)
  })

  test('redirects of a route and of a share', async (t) => {
    const { ask } = await startPlane(t, {
      routes: [
        routeOf(
          {
            kind: 'redirect',
            status: 303,
            host: 'b.test',
            port: 8443,
            scheme: 'https',
            path: { kind: 'path-prefix', prefix: '/a', value: '/z' },
            stripQuery: true,
          },
          { match: { path: { kind: 'path-prefix', value: '/a' } } },
        ),
        routeOf({
          kind: 'forward',
          targets: [{ weight: 1, to: { redirect: { kind: 'redirect', status: 307, port: 'request' } } }],
        }),
      ],
    })
    const one = await ask('/a/b?c')
    assert.deepEqual([one.status, one.headers['location']], [303, 'https://b.test:8443/z/b'])
    const two = await ask('/x?y', { headers: { host: 'c.test:81' } })
    assert.deepEqual([two.status, two.headers['location']], [307, 'http://c.test:81/x?y'])
  })

  test('responses: text, bytes, why, and a status of gRPC', async (t) => {
    const at = (value: string) => ({ match: { path: { kind: 'exact' as const, value } } })
    const { ask } = await startPlane(t, {
      routes: [
        routeOf({ kind: 'response', status: 200, body: { text: 'grüße' } }, at('/text')),
        routeOf({ kind: 'response', status: 200, body: { base64: 'AAE=' } }, at('/bytes')),
        routeOf({ kind: 'response', status: 204 }, at('/empty')),
        routeOf({ kind: 'response', status: 500, why: 'no such filter 100%', grpcStatus: 3 }),
      ],
    })
    assert.equal((await ask('/text')).body, 'grüße')
    assert.equal((await ask('/bytes')).body, '\0\x01')
    assert.deepEqual(
      [(await ask('/empty')).status, (await ask('/empty')).headers['content-length']],
      [204, undefined],
    )
    assert.equal((await ask('/x')).body, 'no such filter 100%\n')
    const { status, headers } = await ask('/x', {
      method: 'POST',
      headers: { 'content-type': 'application/grpc+proto' },
    })
    assert.deepEqual(
      [status, headers['grpc-status'], headers['grpc-message']],
      [200, '3', 'no such filter 100%25'],
    )
  })
})
