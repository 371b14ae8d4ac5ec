import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { describeNodes, treeOf, type TreeTable } from '../../../test/support/trees.ts'
import { copyInto, makeDirectory, type CopyOptions } from './copy.ts'
import { parseMode } from './mode.ts'

const place = { file: 'Dockerfile', line: 7, column: 1 }
const context = treeOf(
  {
    'a.txt': 'a',
    'b.txt': 'b',
    'dir/': 0o750,
    'dir/x': 'x',
    'dir/sub/': 0o700,
    'dir/sub/y': 'y',
    link: '-> a.txt',
    'dir/l': '-> x',
  },
  'the build context',
)
const base = {
  'usr/': 0o755,
  'usr/bin/': 0o755,
  'usr/bin/sh': 'sh',
  bin: '-> usr/bin',
  'tmp/': 0o1777,
  'run/': 0o755,
  'var/': 0o755,
  'var/run': '-> /run',
  current: '-> usr/bin/sh',
  nowhere: '-> opt/there',
} satisfies TreeTable

function copy(
  sources: readonly string[],
  destination: string,
  options: CopyOptions = {},
  image: TreeTable = base,
): string[] {
  const list = sources.map((path) => ({ tree: context, path, place }))
  return describeNodes(copyInto(treeOf(image), list, destination, options).nodes.values())
}

describe('COPY of a file', () => {
  test('takes the name of a destination without a slash', () =>
    assert.deepEqual(copy(['a.txt'], '/app'), ['f 644 0:0 app']))
  test('goes into a destination with a slash, made 0755 root', () =>
    assert.deepEqual(copy(['a.txt'], '/opt/x/'), [
      'd 755 0:0 opt',
      'd 755 0:0 opt/x',
      'f 644 0:0 opt/x/a.txt',
    ]))
  test('goes into a directory that exists, and lists its real attributes', () =>
    assert.deepEqual(copy(['a.txt'], '/tmp'), ['d 1777 0:0 tmp', 'f 644 0:0 tmp/a.txt']))
  test('writes the canonical path behind a linked directory', () =>
    assert.deepEqual(copy(['a.txt'], '/bin/x'), [
      'd 755 0:0 usr',
      'd 755 0:0 usr/bin',
      'f 644 0:0 usr/bin/x',
    ]))
  test('follows /var/run to /run', () =>
    assert.deepEqual(copy(['a.txt'], '/var/run/istio/'), [
      'd 755 0:0 run',
      'd 755 0:0 run/istio',
      'f 644 0:0 run/istio/a.txt',
    ]))
  test('through a link to a file replaces the target of the link', () =>
    assert.deepEqual(copy(['a.txt'], '/current'), [
      'd 755 0:0 usr',
      'd 755 0:0 usr/bin',
      'f 644 0:0 usr/bin/sh',
    ]))
  test('through a dangling link creates its target', () =>
    assert.deepEqual(copy(['a.txt'], '/nowhere'), ['d 755 0:0 opt', 'f 644 0:0 opt/there']))
  test('follows a link named as the source, and keeps the name of the link', () =>
    assert.deepEqual(copy(['link'], '/opt/'), ['d 755 0:0 opt', 'f 644 0:0 opt/link']))
  test('several sources make the destination a directory', () =>
    assert.deepEqual(copy(['a.txt', 'b.txt'], '/many'), [
      'd 755 0:0 many',
      'f 644 0:0 many/a.txt',
      'f 644 0:0 many/b.txt',
    ]))
})

describe('COPY of a directory', () => {
  test('copies its contents, keeps modes below, and makes the destination 0755', () =>
    assert.deepEqual(copy(['dir'], '/app'), [
      'd 755 0:0 app',
      'l 777 0:0 app/l -> x',
      'd 700 0:0 app/sub',
      'f 644 0:0 app/sub/y',
      'f 644 0:0 app/x',
    ]))
  test('keeps the attributes of a destination that exists but overwrites those of directories inside', () =>
    assert.deepEqual(
      copy(['dir'], '/app', {}, { 'app/': 0o711, 'app/sub/': { mode: 0o777, uid: 5, gid: 5 } }),
      [
        'd 711 0:0 app',
        'l 777 0:0 app/l -> x',
        'd 700 0:0 app/sub',
        'f 644 0:0 app/sub/y',
        'f 644 0:0 app/x',
      ],
    ))
  test('of everything to the root lists no root entry', () =>
    assert.ok(!copy([''], '/').some((line) => line.endsWith(' '))))
})

describe('COPY with an owner or a mode', () => {
  test('gives --chown to files, links and created parents, not to parents that exist', () =>
    assert.deepEqual(copy(['dir/l', 'dir'], '/tmp/new/', { owner: { uid: 7, gid: 8 } }), [
      'd 1777 0:0 tmp',
      'd 755 7:8 tmp/new',
      'l 777 7:8 tmp/new/l -> x',
      'd 700 7:8 tmp/new/sub',
      'f 644 7:8 tmp/new/sub/y',
      'f 644 7:8 tmp/new/x',
    ]))
  test('gives an octal --chmod to files, directories and created parents, not to links', () =>
    assert.deepEqual(copy(['dir'], '/new/', { mode: parseMode('0711', place), createdMode: 0o711 }), [
      'd 711 0:0 new',
      'l 777 0:0 new/l -> x',
      'd 711 0:0 new/sub',
      'f 711 0:0 new/sub/y',
      'f 711 0:0 new/x',
    ]))
})

describe('COPY conflicts', () => {
  const cases: [string, string[], string, TreeTable, RegExp][] = [
    [
      'a directory over a link',
      ['dir'],
      '/app',
      { 'app/': 0o755, 'app/sub': '-> /tmp' },
      /directory "dir\/sub" over "\/app\/sub", which is a symlink to "\/tmp"/,
    ],
    ['a directory over a file', ['dir'], '/app', { app: 'x' }, /over "\/app", which is a file/],
    [
      'a file over a directory',
      ['dir'],
      '/app',
      { 'app/': 0o755, 'app/x/': 0o755 },
      /file "dir\/x" over "\/app\/x", which is a directory/,
    ],
    ['below a file', ['a.txt'], '/etc/x', { etc: 'file' }, /"\/etc" .*is a file/],
    ['a source that is not there', ['nope'], '/x', {}, /"nope" is not in the build context/],
  ]
  for (const [what, sources, destination, image, message] of cases) {
    test(`refuses ${what}`, () =>
      assert.throws(() => copy(sources, destination, {}, image), { name: 'Failure', message }))
  }
})

describe('WORKDIR', () => {
  test('creates what is missing for its owner', () =>
    assert.deepEqual(
      describeNodes(makeDirectory(treeOf(base), 'tmp/a/b', { uid: 5, gid: 6 }).nodes.values()),
      ['d 1777 0:0 tmp', 'd 755 5:6 tmp/a', 'd 755 5:6 tmp/a/b'],
    ))
  test('changes nothing when the directory exists behind a link', () =>
    assert.equal(makeDirectory(treeOf(base), 'bin', undefined).nodes.size, 0))
})
