import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { treeOf } from '../../test/support/trees.ts'
import { overlayTree } from './overlay.ts'
import { ancestors, cleanPath, descendants, resolvePath } from './tree.ts'

const debian = treeOf({
  'usr/': 0o755,
  'usr/bin/': 0o755,
  'usr/bin/sh': 'x',
  bin: '-> usr/bin',
  'run/': 0o755,
  'var/': 0o755,
  'var/run': '-> /run',
  'a/': 0o755,
  'a/up': '-> ../../../usr',
  loop1: '-> loop2',
  loop2: '-> loop1',
  dangling: '-> opt/new',
})

describe('resolvePath', () => {
  for (const [path, expected] of [
    ['bin/sh', 'usr/bin/sh'],
    ['bin', 'usr/bin'],
    ['var/run/secrets/x', 'run/secrets/x'],
    ['a/up/bin', 'usr/bin'],
    ['../../etc', 'etc'],
    ['dangling', 'opt/new'],
    ['nothing/here', 'nothing/here'],
    ['', ''],
  ] as const) {
    test(`finds /${path} at /${expected}`, () => assert.equal(resolvePath(debian, path).path, expected))
  }
  test('leaves the last link alone when asked', () =>
    assert.equal(resolvePath(debian, 'bin', false).path, 'bin'))
  test('says that nothing is at a path that does not exist', () =>
    assert.equal(resolvePath(debian, 'opt').node, undefined))
  test('refuses a loop of links', () =>
    assert.throws(() => resolvePath(debian, 'loop1'), { code: 'COPY_CONFLICT' }))
  test('refuses a file in the middle and names it', () =>
    assert.throws(() => resolvePath(debian, 'usr/bin/sh/x'), {
      code: 'COPY_CONFLICT',
      message: /"\/usr\/bin\/sh" is a file/,
    }))
})

describe('overlayTree', () => {
  const lower = treeOf({ 'd/': 0o700, 'd/a': '1', 'd/b': '2', 'e/': 0o755, 'e/c': '3', f: '4' })
  const over = overlayTree(lower, { nodes: [], removed: ['d/a', 'e'], opaque: [] })

  test('shows what lies below', () => assert.equal(over.lookup('d')?.mode, 0o700))
  test('hides removed files and everything below removed directories', () => {
    assert.equal(over.lookup('d/a'), undefined)
    assert.equal(over.lookup('e/c'), undefined)
    assert.deepEqual(over.children(''), ['d', 'f'])
    assert.deepEqual(over.children('d'), ['b'])
  })
  test('an opaque directory shows only its own content', () => {
    const opaque = overlayTree(lower, { nodes: [{ ...lower.lookup('d/b')!, path: 'd/new' }], opaque: ['d'] })
    assert.deepEqual(opaque.children('d'), ['new'])
    assert.equal(opaque.lookup('d/a'), undefined)
  })
  test('a file that replaces a directory hides what was in it', () => {
    const replaced = overlayTree(lower, { nodes: [{ ...lower.lookup('f')!, path: 'd' }] })
    assert.equal(replaced.lookup('d/a'), undefined)
    assert.deepEqual(replaced.children('d'), [])
  })
  test('a new layer of the same directory keeps the lower content', () => {
    const touched = overlayTree(lower, { nodes: [{ ...lower.lookup('d')!, mode: 0o755 }] })
    assert.deepEqual(
      [...descendants(touched, 'd')].map((node) => node.path),
      ['d/a', 'd/b'],
    )
  })
})

describe('paths', () => {
  for (const [text, expected] of [
    ['/a//b/./c/', 'a/b/c'],
    ['a/../../b', 'b'],
    ['.', ''],
    ['/', ''],
  ] as const) {
    test(`cleans "${text}" to "${expected}"`, () => assert.equal(cleanPath(text), expected))
  }
  test('lists ancestors outermost first', () => assert.deepEqual(ancestors('a/b/c'), ['a', 'a/b']))
  test('a path in the root has no ancestors', () => assert.deepEqual(ancestors('a'), []))
})
