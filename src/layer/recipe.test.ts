import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Failure, type FailureCode } from '../base/index.ts'
import type { Entry } from './entry.ts'
import type { Fingerprint } from './fingerprint.ts'
import { anyEntries } from '../../test/support/any-entries.ts'
import { collect, entry, textEntry } from '../../test/support/layers.ts'
import { openRecipe } from './open-recipe.ts'
import { makeRecipe, recipeKey } from './recipe.ts'

const paths = (entries: Entry[]): string[] => makeRecipe(entries).entries.map((each) => each.path)

test('a directory is directly followed by what is below it', () => {
  const given = ['a.b', 'a/b', 'a-b', 'a/b/c', 'b', 'a', '\udcff', 'é', '\u{1F600}', 'Z', 'a/b.c'].map(
    (path) => entry({ path, type: 'directory' }),
  )
  const expected = ['Z', 'a', 'a/b', 'a/b/c', 'a/b.c', 'a-b', 'a.b', 'b', 'é', '\u{1F600}', '\udcff']
  assert.deepEqual(paths(given), expected)
})

test('hard links come last and point at the file itself', () => {
  const recipe = makeRecipe([
    entry({ path: 'a', type: 'hardlink', link: 'b' }),
    entry({ path: 'b', type: 'hardlink', link: 'z' }),
    entry({ path: 'c' }),
    entry({ path: 'z' }),
  ])
  assert.deepEqual(
    recipe.entries.map((each) => [each.path, each.link]),
    [
      ['c', undefined],
      ['z', undefined],
      ['a', 'z'],
      ['b', 'z'],
    ],
  )
})

test('entries get their normal form', () => {
  const [file, link] = makeRecipe([
    entry({ path: 'link', type: 'symlink', mode: 0o755, link: '../x' }),
    entry({ path: 'file', source: { kind: 'bytes', bytes: new Uint8Array() } }),
  ]).entries
  assert.equal(link?.mode, 0o777)
  assert.deepEqual(file, entry({ path: 'file' }))
})

const refused: [title: string, code: FailureCode, message: RegExp, ...entries: Entry[]][] = [
  [
    'one path twice',
    'COPY_CONFLICT',
    /"\/a" is twice/,
    entry({ path: 'a' }),
    entry({ path: 'a', type: 'fifo' }),
  ],
  [
    'a link at a path that is taken',
    'COPY_CONFLICT',
    /twice/,
    entry({ path: 'a' }),
    entry({ path: 'a', type: 'hardlink', link: 'b' }),
    entry({ path: 'b' }),
  ],
  [
    'a file below a file',
    'COPY_CONFLICT',
    /"\/a" is a file, not a directory/,
    entry({ path: 'a/b/c' }),
    entry({ path: 'a' }),
    entry({ path: 'a-' }),
  ],
  [
    'a file below a link',
    'COPY_CONFLICT',
    /"\/a" is a symlink/,
    entry({ path: 'a/b' }),
    entry({ path: 'a', type: 'symlink', link: 'x' }),
  ],
  ['a whiteout', 'SOURCE_UNSUPPORTED', /"\.wh\."/, entry({ path: 'a/.wh.b' })],
  ['an opaque marker in the middle', 'SOURCE_UNSUPPORTED', /"\.wh\."/, entry({ path: '.wh..wh..opq/x' })],
  ['a way out', 'SOURCE_UNSUPPORTED', /"\.\." part/, entry({ path: 'a/../b' })],
  ['only a way out', 'SOURCE_UNSUPPORTED', /"\.\." part/, entry({ path: '..' })],
  ['a dot', 'SOURCE_UNSUPPORTED', /part/, entry({ path: 'a/.' })],
  ['an absolute path', 'SOURCE_UNSUPPORTED', /part/, entry({ path: '/a' })],
  ['a trailing slash', 'SOURCE_UNSUPPORTED', /part/, entry({ path: 'a/', type: 'directory' })],
  ['a NUL', 'SOURCE_UNSUPPORTED', /NUL/, entry({ path: 'a\0b' })],
  ['a file as the root', 'SOURCE_UNSUPPORTED', /root/, entry({ path: '' })],
  ['an empty link', 'SOURCE_UNSUPPORTED', /empty/, entry({ path: 'a', type: 'symlink', link: '' })],
  [
    'a hard link out of the layer',
    'SOURCE_UNSUPPORTED',
    /"\/b" is no file/,
    entry({ path: 'a', type: 'hardlink', link: 'b' }),
  ],
  [
    'a hard link to itself',
    'SOURCE_UNSUPPORTED',
    /no file/,
    entry({ path: 'a', type: 'hardlink', link: 'a' }),
  ],
  [
    'a hard link to a directory',
    'SOURCE_UNSUPPORTED',
    /no file/,
    entry({ path: 'a', type: 'hardlink', link: 'b' }),
    entry({ path: 'b', type: 'directory' }),
  ],
  [
    'a device number too large',
    'SOURCE_UNSUPPORTED',
    /8388608/,
    entry({ path: 'a', type: 'block', device: { major: 8_388_608, minor: 0 } }),
  ],
  [
    'an attribute name no record holds',
    'SOURCE_UNSUPPORTED',
    /attribute/,
    entry({ path: 'a', xattrs: { 'user.a=b': new Uint8Array() } }),
  ],
]
for (const [title, code, message, ...entries] of refused) {
  test(`a recipe is refused for ${title}`, () => {
    assert.throws(
      () => makeRecipe(entries),
      (error) => error instanceof Failure && error.code === code && message.test(error.message),
    )
  })
}

test('names that only look like forbidden ones are taken', () => {
  const given = ['..a', '...', '.a', 'a.', 'a..', '.whiteout', 'a.wh.b', 'b/..c']
  assert.deepEqual(paths(given.map((path) => entry({ path }))).toSorted(), given.toSorted())
})

test('numbers that make no sense are bugs, not failures', () => {
  const wrong: Entry[] = [
    entry({ path: 'a', mode: 0o10000 }),
    entry({ path: 'a', uid: -1 }),
    entry({ path: 'a', gid: 0.5 }),
    entry({ path: 'a', mtime: Number.NaN }),
    entry({ path: 'a', size: 1 }),
    entry({ path: 'a', size: 2, source: { kind: 'bytes', bytes: new Uint8Array(1) } }),
    entry({ path: 'a', type: 'directory', size: 1, source: { kind: 'bytes', bytes: new Uint8Array(1) } }),
    entry({ path: 'a', type: 'symlink' }),
    entry({ path: 'a', link: 'b' }),
    entry({ path: 'a', type: 'block' }),
  ]
  for (const each of wrong) {
    assert.throws(
      () => makeRecipe([each]),
      (error) => error instanceof Error && !(error instanceof Failure),
    )
  }
})

test('the size is known without reading, and the order of the entries does not matter', async () => {
  await fc.assert(
    fc.asyncProperty(anyEntries, async (entries) => {
      const recipe = makeRecipe(entries)
      const bytes = await collect(openRecipe(recipe))
      assert.equal(bytes.length, recipe.size)
      const reversed = makeRecipe(entries.toReversed())
      assert.equal(recipeKey(reversed), recipeKey(recipe))
      assert.ok(bytes.equals(await collect(openRecipe(reversed))))
    }),
  )
})

const fingerprint: Fingerprint = { dev: 1n, ino: 2n, size: 3n, mtimeNs: 4n, ctimeNs: 5n, mode: 6n }
const fileKey = (path: string, changes: Partial<Fingerprint> = {}, fields: Partial<Entry> = {}): string => {
  const source = { kind: 'file', path, fingerprint: { ...fingerprint, ...changes } } as const
  return recipeKey(
    makeRecipe([entry({ path: 'f', size: Number(source.fingerprint.size), source, ...fields })]),
  )
}

test('a key names what the bytes depend on, and nothing is read for it', () => {
  assert.match(fileKey('/no/such/file'), /^[0-9a-f]{64}$/)
  assert.equal(fileKey('/no/such/file'), fileKey('/no/such/file'))
  const keys = [
    fileKey('/a'),
    fileKey('/b'),
    ...Object.keys(fingerprint).map((field) => fileKey('/a', { [field]: 77n })),
    fileKey('/a', {}, { mode: 0o755 }),
    fileKey('/a', {}, { path: 'g' }),
    fileKey('/a', {}, { xattrs: { 'user.a': Buffer.from('x') } }),
    recipeKey(makeRecipe([textEntry('f', 'abc')])),
    recipeKey(makeRecipe([textEntry('f', 'abd')])),
    recipeKey(makeRecipe([])),
  ]
  assert.equal(new Set(keys).size, keys.length)
})

test('a key of inline bytes does not depend on where they lie in memory', () => {
  const around = Buffer.from('xxabcxx')
  const source = { kind: 'bytes', bytes: around.subarray(2, 5) } as const
  assert.equal(
    recipeKey(makeRecipe([entry({ path: 'f', size: 3, source })])),
    recipeKey(makeRecipe([textEntry('f', 'abc')])),
  )
})
