import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { describeNodes, treeOf, type TreeTable } from '../../../test/support/trees.ts'
import type { Node } from '../tree.ts'
import { copyInto, type CopyOptions } from './copy.ts'
import type { Change } from './working-change.ts'

const place = { file: 'Dockerfile', line: 4, column: 5 }
const nothing = treeOf({}, 'the build context')
const image = {
  'opt/': 0o755,
  'opt/dir/': 0o700,
  'opt/dir/old': 'old',
  'opt/file': 'file',
  'opt/link': '-> dir',
  'opt/away': '-> /dir',
  'opt/dangling': '-> nowhere',
} satisfies TreeTable

function entry(path: string, node: Partial<Node> = {}): Node {
  return { path, type: 'file', mode: 0o644, uid: 0, gid: 0, mtime: 0, size: 0, ...node }
}

function unpack(
  entries: readonly Node[],
  { destination = '/opt', ...options }: CopyOptions & { destination?: string } = {},
): Change {
  const archive = { description: 'a.tar', entries }
  return copyInto(treeOf(image), [{ tree: nothing, path: 'a.tar', place, archive }], destination, options)
}

function list(change: Change): string[] {
  const links = [...change.hardLinks].map(([path, target]) => `${path} = ${target}`)
  return [...describeNodes(change.nodes.values()), ...links]
}

describe('an archive', () => {
  test('makes its destination a directory 0755, also without a slash', () =>
    assert.deepEqual(list(unpack([entry('a')], { destination: '/new/place' })), [
      'd 755 0:0 new',
      'd 755 0:0 new/place',
      'f 644 0:0 new/place/a',
    ]))
  test('gives the destination to --chown and leaves modes to the archive', () => {
    const owner = { uid: 5, gid: 6 }
    const entries = [entry('deep/a', { mode: 0o4755, uid: 9 })]
    const options = { destination: '/new', owner, mode: () => 0o600, createdMode: 0o700 }
    assert.deepEqual(list(unpack(entries, options)), [
      'd 755 5:6 new',
      // what the archive does not list belongs to root
      'd 755 0:0 new/deep',
      'f 4755 5:6 new/deep/a',
    ])
  })
  test('keeps the owners it has, and merges directories', () =>
    assert.deepEqual(
      list(unpack([entry('dir', { type: 'directory', mode: 0o711, uid: 1 }), entry('dir/x', { uid: 2 })])),
      ['d 755 0:0 opt', 'd 711 1:0 opt/dir', 'f 644 2:0 opt/dir/x'],
    ))
  test('does not change the destination itself', () =>
    assert.deepEqual(list(unpack([entry('', { type: 'directory', mode: 0o700 }), entry('a')])), [
      'd 755 0:0 opt',
      'f 644 0:0 opt/a',
    ]))
  test('follows links to directories on the way, with the destination as the root', () =>
    assert.deepEqual(list(unpack([entry('link/x'), entry('away/y')])), [
      'd 755 0:0 opt',
      'd 700 0:0 opt/dir',
      'f 644 0:0 opt/dir/x',
      'f 644 0:0 opt/dir/y',
    ]))
  test('never follows the last part: links are replaced', () =>
    assert.deepEqual(list(unpack([entry('link'), entry('away', { type: 'directory' })])), [
      'd 755 0:0 opt',
      'd 644 0:0 opt/away',
      'f 644 0:0 opt/link',
    ]))
  test('replaces directories by files and files by directories', () =>
    assert.deepEqual(
      list(unpack([entry('dir/in'), entry('dir'), entry('file', { type: 'directory' }), entry('file/x')])),
      ['d 755 0:0 opt', 'f 644 0:0 opt/dir', 'd 644 0:0 opt/file', 'f 644 0:0 opt/file/x'],
    ))
  test('keeps fifos and devices', () =>
    assert.deepEqual(
      list(
        unpack([
          entry('p', { type: 'fifo' }),
          entry('n', { type: 'character', device: { major: 1, minor: 3 } }),
        ]),
      ),
      ['d 755 0:0 opt', 'c 644 0:0 opt/n', 'f 644 0:0 opt/p'],
    ))
  test('lets the last of several entries with one name win', () =>
    assert.deepEqual(list(unpack([entry('a', { uid: 1 }), entry('a', { uid: 2 })])), [
      'd 755 0:0 opt',
      'f 644 2:0 opt/a',
    ]))
})

describe('a hard link of an archive', () => {
  const link = (path: string, target: string, node: Partial<Node> = {}): Node =>
    entry(path, { type: 'hardlink', link: target, ...node })

  test('gives its attributes to every name of the file', () => {
    const change = unpack([
      entry('a', { uid: 1 }),
      link('b', 'a', { uid: 2 }),
      link('c', 'b', { uid: 3, mode: 0o600 }),
    ])
    assert.deepEqual(list(change), [
      'd 755 0:0 opt',
      'f 600 3:0 opt/a',
      'f 600 3:0 opt/b',
      'f 600 3:0 opt/c',
      'opt/b = opt/a',
      'opt/c = opt/a',
    ])
  })
  test('can name a file of the image, which then is in the layer too', () =>
    assert.deepEqual(list(unpack([link('b', '/file', { uid: 4 })])), [
      'd 755 0:0 opt',
      'f 644 4:0 opt/b',
      'f 644 4:0 opt/file',
      'opt/b = opt/file',
    ]))
  test('is another file once its target has been replaced', () => {
    const change = unpack([
      entry('a', { uid: 1 }),
      link('b', 'a', { uid: 1 }),
      entry('a', { uid: 2 }),
      link('c', 'b', { uid: 7 }),
    ])
    assert.deepEqual(list(change).slice(1), [
      'f 644 2:0 opt/a',
      'f 644 7:0 opt/b',
      'f 644 7:0 opt/c',
      'opt/c = opt/b',
    ])
  })
  test('to a symbolic link is another symbolic link', () =>
    assert.deepEqual(
      list(
        unpack([
          entry('s', { type: 'symlink', mode: 0o777, link: 'x' }),
          link('b', 's', { uid: 3, mode: 0o600 }),
        ]),
      ),
      ['d 755 0:0 opt', 'l 777 3:0 opt/b -> x', 'l 777 3:0 opt/s -> x'],
    ))
  for (const [name, node, message] of [
    [
      'what is not there',
      link('b', 'nope'),
      /"b" of a\.tar cannot be unpacked: it is a hard link to "nope", which is not there/,
    ],
    ['a directory', link('b', 'dir'), /which is a directory/],
    ['itself', link('file', 'file'), /which is not there/],
  ] as const) {
    test(`to ${name} is refused`, () =>
      assert.throws(() => unpack([node]), { code: 'ARCHIVE_INVALID', message, at: place }))
  }
})

describe('an archive is refused', () => {
  const cases: readonly (readonly [string, readonly Node[], string, RegExp])[] = [
    [
      'when a file is in the way',
      [entry('file/x')],
      'COPY_CONFLICT',
      /"file\/x" of a\.tar cannot be unpacked/,
    ],
    [
      'when a link on the way leads nowhere',
      [entry('dangling/x')],
      'ARCHIVE_INVALID',
      /link to "nowhere", where nothing is/,
    ],
    [
      'when a loop of links is in the way',
      [entry('l', { type: 'symlink', link: 'l' }), entry('l/x')],
      'COPY_CONFLICT',
      /too many symbolic links/,
    ],
    [
      'when it makes a directory of the image anew',
      [entry('dir'), entry('dir', { type: 'directory' })],
      'ARCHIVE_INVALID',
      /which one layer cannot say/,
    ],
  ]
  for (const [name, entries, code, message] of cases)
    test(name, () => assert.throws(() => unpack(entries), { code, message, at: place }))
  test('when its destination is a file', () =>
    assert.throws(() => unpack([entry('a')], { destination: '/opt/file' }), { code: 'COPY_CONFLICT' }))
})
