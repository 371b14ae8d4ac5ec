import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { parseHost } from './host.ts'
import { parseTarget } from './path.ts'
import { firstParameter, isGrpc } from './predicates.ts'
import { compileRegex } from './regex.ts'
import { indexDomains } from './virtual-hosts.ts'

describe('paths', () => {
  const cases: readonly [string, string | undefined, string?][] = [
    ['/', '/'],
    ['/a/b?c=/../d', '/a/b', 'c=/../d'],
    ['/a?', '/a', ''],
    ['/a/../b', '/b'],
    ['/a/./b/.', '/a/b/'],
    ['/..', '/'],
    ['/a/..', '/'],
    ['/../../etc', '/etc'],
    ['/%2e%2e/b', '/b'],
    ['/a/%2E%2e/b', '/b'],
    [String.raw`/a\..\b`, '/b'],
    ['/%61%7e%41', '/a~A'],
    ['/a%2fb%2F..', '/a%2Fb%2F..'],
    ['/a%5c..', '/a%5C..'],
    ['//a//b', '//a//b'],
    ['/.well-known/x', '/.well-known/x'],
    ['/...', '/...'],
    ['/a%zz', '/a%zz'],
    ['/a%00b', undefined],
    ['/a#b', undefined],
    ['a', undefined],
    ['', undefined],
    ['*', undefined],
  ]
  for (const [target, path, query] of cases) {
    test(`${target || '(nothing)'} is ${path ?? 'refused'}`, () => {
      assert.deepEqual(parseTarget(target), path === undefined ? undefined : { path, query })
    })
  }
})

describe('hosts', () => {
  const cases: readonly [string, string | undefined, number?][] = [
    ['Example.COM', 'example.com'],
    ['example.com:8080', 'example.com', 8080],
    ['example.com.', 'example.com'],
    ['example.com:', 'example.com'],
    ['[::1]:80', '[::1]', 80],
    ['10.0.0.1', '10.0.0.1'],
    ['user@example.com', undefined],
    ['example.com/path', undefined],
    ['a b', undefined],
    ['example.com:99999', undefined],
    ['example.com:80:80', undefined],
    ['', undefined],
  ]
  for (const [authority, name, port] of cases) {
    test(`${authority || '(nothing)'} is ${name ?? 'refused'}`, () => {
      assert.deepEqual(parseHost(authority), name === undefined ? undefined : { name, port })
    })
  }
})

describe('virtual hosts', () => {
  const find = indexDomains([
    { name: 'any', domains: ['*'] },
    { name: 'exact', domains: ['Foo.example.com'] },
    { name: 'wide', domains: ['*.example.com'] },
    { name: 'narrow', domains: ['*.bar.example.com'] },
    { name: 'one', domains: ['*.one.test'], suffixLabels: 1 },
  ])
  const cases: readonly [string, string][] = [
    ['foo.example.com', 'exact'],
    ['x.example.com', 'wide'],
    ['x.y.example.com', 'wide'],
    ['x.bar.example.com', 'narrow'],
    ['bar.example.com', 'wide'],
    ['example.com', 'any'],
    ['.example.com', 'any'],
    ['a.one.test', 'one'],
    ['a.b.one.test', 'any'],
    ['', 'any'],
  ]
  for (const [host, name] of cases) {
    test(`${host || '(nothing)'} is served by ${name}`, () => assert.equal(find(host)?.name, name))
  }
  test('none without a catch-all', () => assert.equal(indexDomains([{ domains: ['a'] }])('b'), undefined))
})

describe('what is matched', () => {
  test('query: the first value, decoded, names exact', () => {
    assert.equal(firstParameter('a=1&a=2', 'a'), '1')
    assert.equal(firstParameter('b=1&a', 'a'), '')
    assert.equal(firstParameter('a%20b=c+d%21', 'a b'), 'c d!')
    assert.equal(firstParameter('A=1', 'a'), undefined)
    assert.equal(firstParameter('a=%zz', 'a'), '%zz')
    assert.equal(firstParameter(undefined, 'a'), undefined)
    assert.equal(firstParameter('', ''), undefined)
  })
  test('gRPC by content type', () => {
    assert.ok(
      isGrpc('application/grpc') && isGrpc('application/grpc+proto') && isGrpc('application/grpc;x=y'),
    )
    assert.ok(!isGrpc('application/grpc-web') && !isGrpc(undefined) && !isGrpc('application/json'))
  })
  test('regular expressions match the whole text and replace with groups', () => {
    const regex = compileRegex('/v([0-9]+)/(.*)')
    assert.ok(regex.matches('/v1/x') && !regex.matches('/a/v1/x'))
    assert.equal(regex.replaceAll('/v1/x', String.raw`/\2$1/\1`), '/x$1/1')
  })
})
