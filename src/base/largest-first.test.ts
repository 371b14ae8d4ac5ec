import assert from 'node:assert/strict'
import { test } from 'node:test'
import { largestFirst } from './largest-first.ts'

test('the largest of what waits goes first, no more at a time than there are slots', async () => {
  const inTurn = largestFirst(2)
  const started: number[] = []
  let running = 0
  let most = 0
  await Promise.all(
    [1, 5, 3, 4, 2].map((size) =>
      inTurn(size, async () => {
        started.push(size)
        most = Math.max(most, ++running)
        await new Promise((resolve) => setImmediate(resolve))
        running--
      }),
    ),
  )
  assert.deepEqual([started, most], [[5, 4, 3, 2, 1], 2])
})

test('work that fails gives its slot back', async () => {
  const inTurn = largestFirst(1)
  await assert.rejects(
    inTurn(1, async () => {
      throw new Error('broken')
    }),
    /broken/,
  )
  assert.equal(await inTurn(1, async () => 'done'), 'done')
})
