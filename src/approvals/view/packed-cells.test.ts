import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { packCells, unpackCells } from './packed-cells.ts'

test('cells come back from their bytes', () => {
  const small = fc.nat(3)
  const rows = fc.array(
    fc.tuple(small, small, fc.integer({ min: -1, max: 900 }), fc.nat(1e6), fc.nat(300), fc.nat(300)),
  )
  fc.assert(
    fc.property(rows, (unsorted) => {
      const keys = new Map(unsorted.map((row) => [row.slice(0, 3).join(), row] as const))
      const sorted = [...keys.values()].toSorted((a, b) => a[0] - b[0] || a[1] - b[1] || a[2] - b[2])
      const column = (index: number) => sorted.map((row) => row[index]!)
      const cells = {
        length: sorted.length,
        approver: column(0),
        author: column(1),
        month: column(2),
        changes: column(3),
        reviews: column(4),
        latest: column(5),
      }
      const back = unpackCells(packCells(cells))
      for (const [name, values] of Object.entries(cells))
        assert.deepEqual(
          typeof values === 'number' ? values : [...values],
          name === 'length' ? back.length : Array.from(back[name as 'month']),
        )
    }),
  )
})
