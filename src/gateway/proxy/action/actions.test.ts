import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Cors, PathRewrite, RedirectAction } from '../../model/index.ts'
import { compileCors } from './cors.ts'
import { compilePathRewrite } from './path-rewrite.ts'
import { compileRedirect } from './redirect.ts'
import { weightedChoice } from './weights.ts'

describe('path rewrites', () => {
  const prefix = (from: string, to: string): PathRewrite => ({ kind: 'path-prefix', prefix: from, value: to })
  const cases: readonly [PathRewrite, string, string][] = [
    [{ kind: 'full', value: '/new' }, '/old/path', '/new'],
    [{ kind: 'full', value: 'new' }, '/old', '/new'],
    [{ kind: 'full', value: '' }, '/old', '/'],
    [prefix('/foo', '/xyz'), '/foo/bar', '/xyz/bar'],
    [prefix('/foo', '/xyz/'), '/foo/bar', '/xyz/bar'],
    [prefix('/foo/', '/xyz'), '/foo/bar', '/xyz/bar'],
    [prefix('/foo', '/xyz'), '/foo', '/xyz'],
    [prefix('/foo', '/xyz'), '/foo/', '/xyz/'],
    [prefix('/foo', ''), '/foo/bar', '/bar'],
    [prefix('/foo', '/'), '/foo/bar', '/bar'],
    [prefix('/foo', '/'), '/foo', '/'],
    [prefix('/foo', '/'), '/foo/', '/'],
    [prefix('', '/xyz'), '/bar', '/xyz/bar'],
    [{ kind: 'prefix', prefix: '/foo', value: '/bar' }, '/foobar', '/barbar'],
    [{ kind: 'prefix', prefix: '/foo/', value: '/' }, '/foo/x', '/x'],
    [{ kind: 'prefix', prefix: '/Foo', value: '/x' }, '/foo/y', '/x/y'],
    [{ kind: 'regex', pattern: '^/a/([^/]+)', value: String.raw`/b/\1` }, '/a/x/y', '/b/x/y'],
    [{ kind: 'regex', pattern: 'o', value: '0' }, '/foo', '/f00'],
    [{ kind: 'full', value: '/a\r\nX: y' }, '/old', '/a%0D%0AX:%20y'],
  ]
  for (const [rewrite, path, expected] of cases) {
    test(`${JSON.stringify(rewrite)} makes ${path} ${expected}`, () =>
      assert.equal(compilePathRewrite(rewrite)(path), expected))
  }
})

describe('redirects', () => {
  const request = { scheme: 'http', host: 'example.com', port: 8080, path: '/a', query: 'q=1' } as const
  const cases: readonly [Partial<RedirectAction>, string][] = [
    [{}, 'http://example.com/a?q=1'],
    [{ port: 80 }, 'http://example.com/a?q=1'],
    [{ port: 8080 }, 'http://example.com:8080/a?q=1'],
    [{ port: 'request' }, 'http://example.com:8080/a?q=1'],
    [{ scheme: 'https' }, 'https://example.com/a?q=1'],
    [{ scheme: 'https', port: 443 }, 'https://example.com/a?q=1'],
    [{ scheme: 'https', port: 8443 }, 'https://example.com:8443/a?q=1'],
    [{ host: 'other.test' }, 'http://other.test/a?q=1'],
    [{ path: { kind: 'full', value: '/b' } }, 'http://example.com/b?q=1'],
    [{ stripQuery: true }, 'http://example.com/a'],
  ]
  for (const [redirect, location] of cases) {
    test(`${JSON.stringify(redirect)} leads to ${location}`, () =>
      assert.equal(compileRedirect({ kind: 'redirect', status: 302, ...redirect })(request), location))
  }
})

describe('weights', () => {
  test('shares of 1000 draws', () => {
    const choose = weightedChoice([70, 30, 0])
    const counts = [0, 0, 0]
    for (let i = 0; i < 1000; i++) counts[choose(() => i / 1000)]!++
    assert.deepEqual(counts, [700, 300, 0])
  })
  test('nothing has a weight', () =>
    assert.equal(
      weightedChoice([0, 0])(() => 0.5),
      -1,
    ))
  test('nothing to choose from', () =>
    assert.equal(
      weightedChoice([])(() => 0.5),
      -1,
    ))
})

describe('CORS', () => {
  const cors = (rest: Partial<Cors>) =>
    compileCors({
      allowOrigins: [{ kind: 'exact', value: 'https://a.test' }],
      allowMethods: ['GET', 'PUT'],
      allowHeaders: ['x-a'],
      exposeHeaders: [],
      allowCredentials: false,
      ...rest,
    })
  const asking = (origin: string) => [
    'Origin',
    origin,
    'Access-Control-Request-Method',
    'PUT',
    'Access-Control-Request-Headers',
    'x-b',
  ]
  const answer = (rest: Partial<Cors>, origin = 'https://a.test') => {
    const list = cors(rest).preflight('OPTIONS', asking(origin))
    return (
      list &&
      Object.fromEntries(Array.from({ length: list.length / 2 }, (_, i) => [list[2 * i], list[2 * i + 1]]))
    )
  }
  test('a preflight that is allowed', () =>
    assert.deepEqual(answer({ maxAgeSeconds: 5 }), {
      'access-control-allow-origin': 'https://a.test',
      vary: 'Origin',
      'access-control-allow-methods': 'GET, PUT',
      'access-control-allow-headers': 'x-a',
      'access-control-max-age': '5',
    }))
  test('a preflight that is not', () => assert.deepEqual(answer({}, 'https://b.test'), {}))
  test('a preflight that is not goes on where it should', () =>
    assert.equal(answer({ forwardUnmatchedPreflight: true }, 'https://b.test'), undefined))
  test('any origin is a star', () =>
    assert.equal(
      answer({ allowOrigins: [{ kind: 'any' }] }, 'https://b.test')?.['access-control-allow-origin'],
      '*',
    ))
  test('any origin with credentials is echoed, and so are methods and headers', () => {
    const found = answer(
      { allowOrigins: [{ kind: 'any' }], allowCredentials: true, allowMethods: ['*'], allowHeaders: ['*'] },
      'https://b.test',
    )
    assert.equal(found?.['access-control-allow-origin'], 'https://b.test')
    assert.equal(found?.['access-control-allow-credentials'], 'true')
    assert.equal(found?.['access-control-allow-methods'], 'PUT')
    assert.equal(found?.['access-control-allow-headers'], 'x-b')
  })
  test('wildcards are any depth of names, and nothing else', () => {
    const wildcard = { allowOrigins: [{ kind: 'wildcard' as const, value: 'https://*.bar.com' }] }
    const is = (origin: string) => answer(wildcard, origin)?.['access-control-allow-origin'] !== undefined
    assert.ok(is('https://a.bar.com') && is('https://a.b.bar.com'))
    assert.ok(
      !is('https://bar.com') &&
        !is('http://a.bar.com') &&
        !is('https://a.bar.com:8443') &&
        !is('https://x/.bar.com'),
    )
  })
  test('OPTIONS without the headers of a preflight is none', () =>
    assert.equal(cors({}).preflight('OPTIONS', ['Origin', 'https://a.test']), undefined))
  test('a simple request', () => {
    assert.deepEqual(cors({ exposeHeaders: ['x-e'] }).simple(['origin', 'https://a.test']), [
      'access-control-allow-origin',
      'https://a.test',
      'vary',
      'Origin',
      'access-control-expose-headers',
      'x-e',
    ])
    assert.equal(cors({}).simple(['origin', 'https://b.test']), undefined)
    assert.equal(cors({}).simple([]), undefined)
  })
})
