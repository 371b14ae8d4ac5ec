import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseChunkRange, parseRange } from './range.ts'

test('a range of a blob of ten bytes', () => {
  const cases: [string | undefined, ReturnType<typeof parseRange>][] = [
    [undefined, undefined],
    ['bytes=0-3', { start: 0, end: 4 }],
    ['bytes=4-', { start: 4, end: 10 }],
    ['bytes=-3', { start: 7, end: 10 }],
    ['bytes=-30', { start: 0, end: 10 }],
    ['bytes=9-99', { start: 9, end: 10 }],
    ['bytes=10-', 'unsatisfiable'],
    ['bytes=-0', 'unsatisfiable'],
    ['bytes=5-4', undefined],
    ['bytes=0-1,4-5', undefined],
    ['bytes=-', undefined],
    ['lines=0-1', undefined],
  ]
  for (const [header, expected] of cases) assert.deepEqual(parseRange(header, 10), expected, header)
})

test('the range of a chunk has an inclusive end', () => {
  assert.deepEqual(parseChunkRange('0-9'), { start: 0, end: 10 })
  assert.deepEqual(parseChunkRange('bytes 10-19/*'), { start: 10, end: 20 })
  assert.equal(parseChunkRange('all'), undefined)
})
