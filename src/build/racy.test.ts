import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { makeRecipe } from '../layer/index.ts'
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
      assert.equal(isClean(recipe(mtimeNs, ctimeNs), readMs), expected))
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
})
