import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { timeFormat } from './dates.ts'

test('times of a history are written as Date writes them', () => {
  const format = timeFormat()
  fc.assert(
    fc.property(
      fc.integer({ min: -8_640_000_000_000, max: 8_640_000_000_000 }),
      fc.nat(90_000),
      (seconds, later) => {
        for (const time of [seconds, Math.min(seconds + later, 8_640_000_000_000)])
          assert.equal(format(time), new Date(time * 1000).toISOString())
      },
    ),
  )
})
