import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { makeRecipe } from '../layer/index.ts'
import { newFileClock } from './file-clock.ts'
import { isClean } from './racy.ts'

const readMs = 1_800_000_000_000
const ns = (ms: number) => BigInt(ms) * 1_000_000n

function recipe(mtimeNs: bigint, ctimeNs: bigint) {
  const fingerprint = { dev: 1n, ino: 2n, size: 3n, mtimeNs, ctimeNs, mode: 0o100644n }
  const source = { kind: 'file', path: '/x', fingerprint } as const
  return makeRecipe([{ path: 'x', type: 'file', mode: 0o644, uid: 0, gid: 0, mtime: 0, size: 3, source }])
}

describe('isClean', () => {
  const cases: [string, bigint, bigint, boolean][] = [
    ['a file changed a second before', ns(readMs - 1000) + 1n, ns(readMs - 1000) + 1n, true],
    ['a file changed within the tick', ns(readMs - 5) + 1n, ns(readMs - 5) + 1n, false],
    [
      'a file with an old mtime that was put there within the tick (touch -r, cp -p)',
      ns(readMs - 100_000) + 1n,
      ns(readMs) + 1n,
      false,
    ],
    ['a file from the future', ns(readMs + 60_000) + 1n, ns(readMs - 60_000) + 1n, false],
    [
      'a file on a file system that counts seconds, a second before',
      ns(readMs - 1000),
      ns(readMs - 1000),
      false,
    ],
    ['a file on a file system that counts seconds, five before', ns(readMs - 5000), ns(readMs - 5000), true],
  ]
  for (const [what, mtimeNs, ctimeNs, expected] of cases) {
    test(`${expected ? 'trusts' : 'does not trust'} ${what}`, () =>
      assert.equal(
        isClean(recipe(mtimeNs, ctimeNs), readMs, () => 20),
        expected,
      ))
  }
  test('trusts inline bytes', () => {
    const source = { kind: 'bytes', bytes: Buffer.from('x') } as const
    assert.ok(
      isClean(
        makeRecipe([{ path: 'x', type: 'file', mode: 0, uid: 0, gid: 0, mtime: 0, size: 1, source }]),
        0,
      ),
    )
  })

  const types: [string, number, number][] = [
    ['ext4', 0xef53, 20],
    ['XFS', 0x58465342, 20],
    ['Btrfs', 0x9123683e, 20],
    ['tmpfs', 0x01021994, 20],
    ['FAT', 0x4d44, 2000],
    ['overlay', 0x794c7630, 2000],
    ['NFS', 0x6969, 60_000],
    ['SMB', 0xfe534d42, 60_000],
    ['9p', 0x01021997, 60_000],
    ['FUSE and virtiofs', 0x65735546, 60_000],
    ['one nobody has heard of', 0x12345678, 60_000],
  ]
  for (const [name, type, tickMs] of types) {
    test(`a file on ${name} must be ${tickMs} ms old`, () => {
      const clock = newFileClock(() => type)
      const aged = (ms: number) => recipe(ns(readMs - ms) + 1n, ns(readMs - ms) + 1n)
      assert.equal(isClean(aged(tickMs + 1), readMs, clock), true)
      assert.equal(isClean(aged(tickMs - 1), readMs, clock), false)
    })
  }
  test('asks for each device once, and trusts little where it gets no answer', () => {
    let asked = 0
    const clock = newFileClock(() => {
      asked++
      throw new Error('no such path')
    })
    assert.deepEqual(
      [1n, 1n, 2n].map((dev) => clock({ dev, path: '/x' })),
      [60_000, 60_000, 60_000],
    )
    assert.equal(asked, 2)
  })
})
