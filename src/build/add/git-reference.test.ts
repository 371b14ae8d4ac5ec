import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { isGitSource, parseGitReference, type GitReference } from './git-reference.ts'

const at = { file: 'Dockerfile', line: 3, column: 5 }
const plain = { ref: undefined, subdir: '', checksum: undefined, keepGitDir: undefined, submodules: true }

describe('isGitSource', () => {
  for (const [text, expected] of [
    ['https://example.com/repo.git', true],
    ['https://example.com/repo.git#main:docs', true],
    ['http://127.0.0.1:8080/a/repo.git?tag=v1', true],
    ['ssh://git@example.com/repo', true],
    ['git://example.com/repo', true],
    ['git@example.com:org/repo.git', true],
    ['git@example.com:org/repo#v1', true],
    ['https://example.com/repo.git/archive.tar', false],
    ['https://example.com/file', false],
    ['github.com/org/repo', false],
    ['file:///srv/repo.git', false],
    ['repo.git', false],
    ['./git@host:x', false],
    ['a:b', false],
  ] as const) {
    test(`${text} is ${expected ? 'a repository' : 'none'}`, () => assert.equal(isGitSource(text), expected))
  }
})

describe('parseGitReference', () => {
  const cases: readonly (readonly [string, Partial<GitReference>])[] = [
    ['https://h/r.git', { remote: 'https://h/r.git' }],
    ['https://h/r.git#v1:a/../b/', { remote: 'https://h/r.git', ref: 'v1', subdir: 'b' }],
    ['https://h/r.git#:docs', { remote: 'https://h/r.git', subdir: 'docs' }],
    ['https://h/r.git#:../../etc', { remote: 'https://h/r.git', subdir: 'etc' }],
    ['https://h/r.git?ref=v1&subdir=docs', { remote: 'https://h/r.git', ref: 'v1', subdir: 'docs' }],
    ['https://h/r.git?tag=v1', { remote: 'https://h/r.git', ref: 'refs/tags/v1' }],
    ['https://h/r.git?branch=main', { remote: 'https://h/r.git', ref: 'refs/heads/main' }],
    [
      'https://h/r.git?commit=abc1&keep-git-dir',
      { remote: 'https://h/r.git', checksum: 'abc1', keepGitDir: true },
    ],
    ['https://h/r.git?submodules=false', { remote: 'https://h/r.git', submodules: false }],
    ['git@h.example:o/r.git?ref=x#x:d', { remote: 'git@h.example:o/r.git', ref: 'x', subdir: 'd' }],
  ]
  for (const [text, expected] of cases)
    test(`reads ${text}`, () => assert.deepEqual(parseGitReference(text, at), { ...plain, ...expected }))

  for (const [text, message] of [
    ['https://h/r.git?ref=a#b', /its ref is both "b" and "a"/],
    ['https://h/r.git?subdir=a#:b', /its subdir is both/],
    ['https://h/r.git?tag=a&branch=b', /a tag and a branch/],
    ['https://h/r.git?depth=1', /"depth" is no setting/],
    ['https://h/r.git?ref=', /"ref" has no value/],
    ['https://h/r.git?ref=a&ref=a', /several values/],
    ['https://h/r.git?checksum=xyz', /not hexadecimal/],
    ['https://h/r.git?submodules=maybe', /neither true nor false/],
  ] as const) {
    test(`refuses ${text}`, () =>
      assert.throws(() => parseGitReference(text, at), { code: 'DOCKERFILE_INVALID', message, at }))
  }
})
