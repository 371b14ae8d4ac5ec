import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { newDependencies } from './dependencies.ts'

describe('dependencies', () => {
  test('run each key once', async () => {
    const dependencies = newDependencies<number>()
    let runs = 0
    const work = async () => ++runs
    assert.deepEqual(
      await Promise.all([dependencies.share('a', undefined, work), dependencies.share('a', 'b', work)]),
      [1, 1],
    )
  })
  test('a circle is an error that names it, also when its parts started on their own', async () => {
    const dependencies = newDependencies<string>()
    const needs: Record<string, string> = { 'a v p': 'b v p', 'b v p': 'c v p', 'c v p': 'a v p' }
    const start = (key: string, from?: string): Promise<string> =>
      dependencies.share(key, from, async () => {
        await Promise.resolve()
        return start(needs[key]!, key)
      })
    const settled = await Promise.allSettled(Object.keys(needs).map((key) => start(key)))
    for (const result of settled) {
      assert.equal(result.status, 'rejected')
      assert.match(String(result.reason.message), /stand on each other in a circle: \w <- \w <- \w <- \w/)
    }
  })
  test('a diamond is no circle', async () => {
    const dependencies = newDependencies<string>()
    const leaf = (from: string) => dependencies.share('d', from, async () => 'd')
    const [left, right] = await Promise.all([
      dependencies.share('b', 'a', () => leaf('b')),
      dependencies.share('c', 'a', () => leaf('c')),
    ])
    assert.deepEqual([left, right], ['d', 'd'])
  })
})
