import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fakeClock } from '../../test/support/fault-client.ts'
import { newPace } from './pace.ts'

test('a 429 halves what runs at once, and many at a time count as one', () => {
  const clock = fakeClock()
  const pace = newPace({ clock, requests: 16, uploads: 5 })
  assert.equal(pace.slow(1000), true)
  assert.equal(pace.slow(2000), false)
  assert.deepEqual(pace.slots(), { requests: 8, uploads: 2 })
  clock.advance(2000)
  for (const isLess of [true, true, true, false, false]) {
    assert.equal(pace.slow(10), isLess)
    clock.advance(10)
  }
  assert.deepEqual(pace.slots(), { requests: 1, uploads: 1 })
})

test('answers bring the slots back one by one, and never more than there were', () => {
  const clock = fakeClock()
  const pace = newPace({ clock, requests: 4, uploads: 3 })
  pace.slow(1)
  assert.deepEqual(pace.slots(), { requests: 2, uploads: 1 })
  for (let answers = 0; answers < 8; answers++) pace.answered()
  assert.deepEqual(pace.slots(), { requests: 3, uploads: 2 })
  for (let answers = 0; answers < 100; answers++) pace.answered()
  assert.deepEqual(pace.slots(), { requests: 4, uploads: 3 })
})

test('everybody waits until the last of several waits is over', async () => {
  const clock = fakeClock()
  const pace = newPace({ clock, requests: 1, uploads: 1 })
  await pace.quiet({})
  pace.slow(1000)
  pace.slow(3000)
  await Promise.all([pace.quiet({}), pace.quiet({})])
  assert.deepEqual(clock.slept, [3000])
})

test('work runs in the order it came, no more of it than there are slots', async () => {
  const pace = newPace({ clock: fakeClock(), requests: 2, uploads: 1 })
  const started: number[] = []
  const ends: (() => void)[] = []
  const work = (index: number) => () => {
    started.push(index)
    return new Promise<void>((resolve) => ends.push(resolve))
  }
  const all = [0, 1, 2, 3].map((index) => pace.request(work(index)))
  assert.deepEqual(started, [0, 1])
  pace.slow(0)
  ends[0]!()
  await all[0]
  assert.deepEqual(started, [0, 1])
  ends[1]!()
  await all[1]
  assert.deepEqual(started, [0, 1, 2])
  ends[2]!()
  await all[2]
  await assert.rejects(
    pace.upload(() => Promise.reject(new Error('no'))),
    { message: 'no' },
  )
  assert.equal(await pace.upload(async () => 'next'), 'next')
  ends[3]!()
  await all[3]
})
