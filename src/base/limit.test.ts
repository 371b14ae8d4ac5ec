import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { all, limit } from './limit.ts'

test('no more pieces of work run at a time than there are places, in the order they came', async () => {
  const slot = limit(2)
  const started: number[] = []
  let [running, most] = [0, 0]
  await all([0, 1, 2, 3, 4], (item) =>
    slot(async () => {
      started.push(item)
      most = Math.max(most, ++running)
      await turn()
      running--
    }),
  )
  assert.deepEqual([most, started], [2, [0, 1, 2, 3, 4]])
})

test('work that waits for work of the same limit gives its place up, and takes one again', async () => {
  const slot = limit(1)
  const steps: string[] = []
  const nested = async (depth: number): Promise<void> =>
    slot(async () => {
      steps.push(`in ${depth}`)
      if (depth > 0) await slot.outside(() => nested(depth - 1))
      steps.push(`out ${depth}`)
    })
  await nested(2)
  assert.deepEqual(steps, ['in 2', 'in 1', 'in 0', 'out 0', 'out 1', 'out 2'])
  let running = 0
  await all([1, 2, 3], () =>
    slot(async () => {
      assert.equal(++running, 1, 'a place too many was left')
      await turn()
      running--
    }),
  )
})

test('a failure of what is waited for takes the place again before it goes on', async () => {
  const slot = limit(1)
  const failed = slot(() => slot.outside(() => Promise.reject(new Error('no'))))
  await assert.rejects(failed, { message: 'no' })
  assert.equal(await slot(async () => 'free'), 'free')
})
