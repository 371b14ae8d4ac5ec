import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Digest } from '../../oci/index.ts'
import { formatLock, readLock, type LockedBases } from './base-lock.ts'
import { lockChanges } from './lock-bases.ts'

const digest = (letter: string): Digest => `sha256:${letter.repeat(64)}`
const bases: LockedBases = new Map([
  [
    'docker.io/library/debian:12',
    {
      digest: digest('a'),
      platforms: new Map([
        ['linux/arm64', digest('c')],
        ['linux/amd64', digest('b')],
      ]),
    },
  ],
  ['[::1]:5000/base:1', { digest: digest('d'), platforms: new Map([['linux/amd64', digest('d')]]) }],
])

const text = `# Base images of slipway.yaml, made by "slipway bake --lock". Commit it.
# "slipway bake --update-bases" moves them. After a merge with conflicts keep either side and lock again.
version: 1
bases:
  "[::1]:5000/base:1":
    digest: ${digest('d')}
    platforms:
      linux/amd64: ${digest('d')}
  docker.io/library/debian:12:
    digest: ${digest('a')}
    platforms:
      linux/amd64: ${digest('b')}
      linux/arm64: ${digest('c')}
`

describe('a lock file', () => {
  test('is written in byte order, one digest a line', () =>
    assert.equal(formatLock(bases, 'slipway.yaml'), text))
  test('is read as it was written', () => {
    const lock = readLock(text, 'slipway.lock.yaml')
    assert.equal(formatLock(lock.bases, 'slipway.yaml'), text)
    assert.equal(lock.bases.get('docker.io/library/debian:12')?.at?.line, 9)
    const empty = formatLock(new Map(), 'slipway.yaml')
    assert.equal(readLock(empty, 'x').bases.size, 0)
  })
  for (const [name, wrong, line, message] of [
    ['of a newer kind', text.replace('version: 1', 'version: 2'), 3, /version/],
    [
      'with a digest cut short',
      text.replace(digest('a'), 'sha256:aaaa'),
      10,
      /"sha256:aaaa" is not a digest/,
    ],
    ['with a field that is not known', text.replace('platforms:', 'platform:'), 5, /platform/],
    ['with a short name', text.replace('docker.io/library/debian', 'debian'), 9, /"debian:12" is not how/],
    ['with an alias of a platform', text.replace('linux/arm64', 'linux/aarch64'), 13, /"linux\/aarch64"/],
    ['with a merge conflict', text.replace('bases:', '<<<<<<< HEAD\nbases:'), 4, /has a merge conflict/],
    ['that is no YAML', text.replace('bases:', 'bases: ['), 6, /is not valid YAML/],
    ['that is empty', '', 1, /./],
  ] as const) {
    test(`${name} is refused at its place`, () =>
      assert.throws(
        () => readLock(wrong, 'slipway.lock.yaml'),
        (error: { code: string; message: string; exitStatus: number; at?: { line: number } }) => {
          assert.equal(error.code, 'LOCK_INVALID')
          assert.equal(error.exitStatus, 2)
          assert.match(error.message, message)
          assert.equal(error.at?.line, line)
          return true
        },
      ))
  }
})

describe('changes of a lock', () => {
  const one = (top: string, platforms: Record<string, string>) =>
    new Map([
      [
        'docker.io/library/a:1',
        {
          digest: digest(top),
          platforms: new Map(Object.entries(platforms).map(([name, letter]) => [name, digest(letter)])),
        },
      ],
    ])
  test('are told by platform', () =>
    assert.deepEqual(lockChanges(one('a', { x: 'b', y: 'c' }), one('d', { x: 'e', z: 'f' })), [
      { reference: 'docker.io/library/a:1', platform: 'x', was: digest('b'), now: digest('e') },
      { reference: 'docker.io/library/a:1', platform: 'y', was: digest('c'), now: undefined },
      { reference: 'docker.io/library/a:1', platform: 'z', was: undefined, now: digest('f') },
    ]))
  test('of the index alone are told too', () =>
    assert.deepEqual(lockChanges(one('a', { x: 'b' }), one('d', { x: 'b' })), [
      { reference: 'docker.io/library/a:1', platform: 'all', was: digest('a'), now: digest('d') },
    ]))
  test('are none when nothing changed', () =>
    assert.deepEqual(lockChanges(one('a', { x: 'b' }), one('a', { x: 'b' })), []))
})
