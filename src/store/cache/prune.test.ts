import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { CacheEntry, CachePart } from './part.ts'
import { choosePruned, withoutHandedOut, type PruneRule } from './prune.ts'

const entry = (id: string, bytes: number, usedMs: number, isOutdated = false): CacheEntry => ({
  id,
  bytes,
  usedMs,
  isOutdated,
})
const part = (name: CachePart['name'], isHandedOut = false): CachePart => ({
  name,
  what: '',
  isHandedOut,
  list: async () => [],
  remove: async () => undefined,
})
const listed = [
  { part: part('trees'), entries: [entry('a', 10, 100), entry('b', 20, 300)] },
  { part: part('git', true), entries: [entry('c', 30, 200), entry('old', 40, 400, true)] },
]
const chosen = (rule: PruneRule) =>
  choosePruned(listed, rule).flatMap(({ entries }) => entries.map(({ id }) => id))

describe('choosePruned', () => {
  const cases: [string, PruneRule, string[]][] = [
    ['all goes with --all', { isAll: true }, ['a', 'b', 'c', 'old']],
    ['what is outdated goes by any rule', {}, ['old']],
    ['with what was not used since', { usedBeforeMs: 250 }, ['a', 'c', 'old']],
    ['the longest unused goes until the rest fits', { mostBytes: 50 }, ['a', 'old']],
    ['nothing but the outdated when the rest fits', { mostBytes: 60 }, ['old']],
    ['down to nothing', { mostBytes: 0 }, ['a', 'b', 'c', 'old']],
    ['both rules together', { usedBeforeMs: 150, mostBytes: 25 }, ['a', 'c', 'old']],
  ]
  for (const [what, rule, ids] of cases) test(what, () => assert.deepEqual(chosen(rule).toSorted(), ids))

  test('what running builds may hold stays', () => {
    const left = withoutHandedOut(choosePruned(listed, { isAll: true }))
    assert.deepEqual(
      left.map((each) => each.part.name),
      ['trees'],
    )
  })
})
