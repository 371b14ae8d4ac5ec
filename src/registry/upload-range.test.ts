import assert from 'node:assert/strict'
import { test } from 'node:test'
import { positionAfter } from './upload-range.ts'

for (const [range, position] of [
  ['0-99', 100],
  ['bytes=0-99', 100],
  ['bytes 0-99', 100],
  ['0-0', 0],
  ['0-1000', 1000],
  ['0-100000', 1000],
  ['0--1', 0],
  ['5-9', undefined],
  ['', undefined],
  [undefined, undefined],
] as const) {
  test(`a session with Range ${range} goes on at ${position ?? 'a place nobody knows'}`, () => {
    assert.equal(positionAfter(range, 1000), position)
  })
}
