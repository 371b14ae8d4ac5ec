import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { parseEpoch } from './epoch.ts'

describe('SOURCE_DATE_EPOCH', () => {
  test('is a number of seconds', () => assert.equal(parseEpoch('1700000000'), 1_700_000_000))
  test('may be absent or empty', () =>
    assert.deepEqual([parseEpoch(undefined), parseEpoch('')], [undefined, undefined]))
  for (const bad of ['-1', '1.5', 'now', '1e9', ' 1', '9999999999999']) {
    test(`refuses "${bad}"`, () => assert.throws(() => parseEpoch(bad), { code: 'USAGE' }))
  }
})
