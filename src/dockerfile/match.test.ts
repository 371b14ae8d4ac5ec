import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { Failure } from '../base/index.ts'
import { compileMatch, hasMeta, matchPath } from './match.ts'

describe('matchPath', () => {
  const cases: [pattern: string, matching: string[], others: string[]][] = [
    ['abc', ['abc'], ['ab', 'abcd', 'Abc', '']],
    ['', [''], ['a']],
    ['*', ['', 'abc', '.hidden'], ['a/b', '/']],
    ['*c', ['c', 'abc'], ['a/c', 'cb']],
    ['a*', ['a', 'abc'], ['a/b', 'ba']],
    ['a*b?c*x', ['abxbbxdbxebxczzx', 'abbcx'], ['abxbbxdbxebxczzy', 'abcx']],
    ['a*/b', ['a/b', 'abc/b'], ['a/c/b', 'ab']],
    ['a**b', ['ab', 'acb'], ['a/b']],
    ['a/*/c', ['a/b/c', 'a//c'], ['a/c', 'a/b/b/c']],
    ['?', ['a', 'é', '😀', '\udcff'], ['', 'ab', '/', '\udcff\udcfe']],
    ['a?c', ['abc', 'a😀c'], ['a/c', 'ac']],
    ['[a-c]', ['a', 'b', 'c'], ['d', '', 'ab', '-']],
    ['[^a-c]', ['d', '-', 'é', '/'], ['a', 'b', '']],
    ['[a-ce-g]x', ['ax', 'fx'], ['dx']],
    ['[あ-ん]', ['い'], ['a']],
    ['[\\]a]', [']', 'a'], ['\\']],
    ['[\\-]', ['-'], ['\\']],
    ['[x\\-]', ['x', '-'], ['z']],
    ['[*?]', ['*', '?'], ['a']],
    ['[!a]', ['!', 'a'], ['b']],
    ['[[]', ['['], [']']],
    ['[z-a]', [], ['a', 'z', 'm']],
    ['a]', ['a]'], ['a']],
    ['\\*', ['*'], ['a', '\\*']],
    ['a\\bc', ['abc'], ['a\\bc']],
    ['\\[a', ['[a'], ['a']],
    ['{a,b}', ['{a,b}'], ['a']],
    ['!(a)', ['!(a)'], ['b']],
    ['*[^a]*', ['xa+'], ['{a}/+']],
  ]
  for (const [pattern, matching, others] of cases) {
    it(`matches ${JSON.stringify(pattern)}`, () => {
      for (const name of matching) assert.equal(matchPath(pattern, name), true, name)
      for (const name of others) assert.equal(matchPath(pattern, name), false, name)
    })
  }

  for (const pattern of [
    '[',
    '[a',
    '[]',
    '[]a]',
    '[-]',
    '[x-]',
    '[-x]',
    '[a-b-c]',
    '[^',
    '[^]',
    'a[',
    '\\',
    'a\\',
    '[\\',
    '*[',
  ]) {
    it(`refuses ${pattern} whatever the name`, () => {
      const place = { file: 'Dockerfile', line: 2, column: 6 }
      for (const name of ['', 'a', 'zzz']) {
        assert.throws(
          () => matchPath(pattern, name, { place }),
          (error) => error instanceof Failure && error.code === 'DOCKERFILE_INVALID' && error.at === place,
        )
      }
    })
  }

  it('matches every name with its escaped self and with one star', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (name) => {
        assert.ok(matchPath(name.replaceAll(/[\\*?[\]^-]/gu, '\\$&'), name))
        assert.equal(matchPath('*', name), !name.includes('/'))
      }),
    )
  })

  it('is not slowed down by many stars', () => {
    assert.equal(matchPath(`${'*a'.repeat(2000)}b`, 'a'.repeat(4000)), false)
    assert.equal(matchPath('*'.repeat(100_000), 'a'), true)
  })

  it('reads a pattern once for many names', () => {
    const matches = compileMatch('*.o')
    assert.deepEqual(['a.o', 'a.c', '.o', 'd/a.o'].map(matches), [true, false, true, false])
  })
})

describe('hasMeta', () => {
  for (const [pattern, expected] of [
    ['a/b', false],
    ['*', true],
    ['a?', true],
    ['[a]', true],
    ['a]', false],
    ['\\*', false],
    ['\\\\*', true],
    ['\\*?', true],
    ['a\\', false],
    ['', false],
    ['\n*', true],
  ] as const) {
    it(`is ${expected} for ${JSON.stringify(pattern)}`, () => assert.equal(hasMeta(pattern), expected))
  }
})
