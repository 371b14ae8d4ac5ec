import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { chordLayout } from './chord-layout.ts'
import { metricsOf } from './metrics.ts'
import { sumPairs, viewOf, type ViewOptions } from './view.ts'

type Row = readonly [approver: number, author: number, count: number, month?: number]

const cellsOf = (rows: readonly Row[]) => ({
  length: rows.length,
  approver: rows.map(([approver]) => approver),
  author: rows.map(([, author]) => author),
  count: rows.map(([, , count]) => count),
  month: rows.map(([, , , month = 0]) => month),
})

function view(rows: readonly Row[], options: ViewOptions = {}, labels = 'abcdefghij'.split('')) {
  return viewOf(cellsOf(rows), labels, options)
}
const shown = ({ nodes, pairs }: ReturnType<typeof view>) =>
  pairs.map(
    ({ approver, author, approved }) => `${nodes[approver]!.label}>${nodes[author]!.label} ${approved}`,
  )

describe('a view', () => {
  test('leaves light pairs out, by pair or by direction', () => {
    const rows: Row[] = [
      [0, 1, 5],
      [1, 0, 1],
      [2, 0, 6],
    ]
    assert.deepEqual(shown(view(rows, { min: 6 })), ['a>b 5', 'b>a 1', 'c>a 6'])
    assert.deepEqual(shown(view(rows, { min: 6, minPer: 'direction' })), ['c>a 6'])
    assert.equal(view(rows, { min: 6, minPer: 'direction' }).coverage.belowMin, 6)
  })

  test('counts 6 and not 5 as more than 5', () => {
    assert.deepEqual(
      shown(
        view(
          [
            [0, 1, 5],
            [2, 3, 6],
          ],
          { min: 6, minPer: 'direction' },
        ),
      ),
      ['c>d 6'],
    )
  })

  test('has the rest as one party, whose inner approvals are a number', () => {
    const rows: Row[] = [
      [0, 1, 10],
      [2, 0, 3],
      [3, 2, 2],
      [1, 3, 1],
    ]
    const few = view(rows, { top: 2 })
    assert.deepEqual(
      few.nodes.map(({ label, size }) => [label, size]),
      [
        ['a', 1],
        ['b', 1],
        ['others (2 more)', 2],
      ],
    )
    assert.deepEqual([few.coverage.shown, few.coverage.amongOthers, few.coverage.total], [14, 2, 16])
    const without = view(rows, { top: 2, hasOthers: false })
    assert.deepEqual([without.coverage.shown, without.coverage.beyondTop], [10, 6])
  })

  test('takes months, and rows without a date only when nothing is asked', () => {
    const rows: Row[] = [
      [0, 1, 1, 5],
      [0, 1, 2, 6],
      [0, 1, 4, -1],
    ]
    assert.equal(view(rows).coverage.total, 7)
    assert.equal(view(rows, { from: 6 }).coverage.total, 2)
    assert.equal(view(rows, { to: 5 }).coverage.total, 1)
  })

  test('breaks ties by label', () => {
    assert.deepEqual(
      view([
        [1, 0, 1],
        [3, 2, 1],
      ]).nodes.map(({ label }) => label),
      ['a', 'b', 'c', 'd'],
    )
  })

  const cells = fc.array(fc.tuple(fc.nat(9), fc.nat(9), fc.integer({ min: 1, max: 50 })), { maxLength: 40 })
  test('accounts for every approval, and every node has some', () => {
    fc.assert(
      fc.property(
        cells,
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 1, max: 20 }),
        fc.boolean(),
        (rows, top, min, hasOthers) => {
          const { nodes, pairs, coverage } = view(rows, { top, min, hasOthers })
          const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)
          assert.equal(coverage.total, sum(rows.map(([, , count]) => count)))
          assert.equal(coverage.shown, sum(pairs.map(({ approved }) => approved)))
          assert.equal(coverage.shown, sum(nodes.map(({ given }) => given)))
          assert.equal(coverage.shown, sum(nodes.map(({ received }) => received)))
          assert.ok(nodes.every(({ given, received }) => given + received > 0))
        },
      ),
    )
  })

  test('lays out as arcs that are wide enough and do not overlap', () => {
    fc.assert(
      fc.property(cells, fc.constantFrom('received' as const, 'given' as const), (rows, size) => {
        const { arcs, ribbons } = chordLayout(view(rows), size)
        for (const [index, { start, end }] of arcs.entries()) {
          assert.ok(end > start)
          assert.ok(start >= (arcs[index - 1]?.end ?? 0) - 1e-9)
        }
        assert.ok((arcs.at(-1)?.end ?? 0) <= 2 * Math.PI + 1e-9)
        for (const { source, target } of ribbons)
          for (const { node, start, end } of [source, target])
            assert.ok(
              start >= arcs[node]!.start - 1e-9 && end <= arcs[node]!.end + 1e-9 && end >= start - 1e-9,
            )
      }),
    )
  })

  for (const people of [1, 2, 5, 50, 300, 1000])
    test(`of ${people} people has an arc for each`, () => {
      const rows: Row[] = Array.from({ length: people }, (_, index) => [index, (index + 1) % people, 1])
      const labels = Array.from({ length: people }, (_, index) => `p${index}`)
      const { arcs } = chordLayout(view(rows, { top: people }, labels))
      assert.equal(arcs.length, people)
      assert.ok(arcs.every(({ start, end }) => end - start > 1e-5))
    })
})

describe('metrics', () => {
  const of = (rows: readonly Row[]) => metricsOf(sumPairs(cellsOf(rows), 10))
  test('of approvals that all come back have reciprocity 1', () =>
    assert.equal(
      of([
        [0, 1, 3],
        [1, 0, 3],
      ]).reciprocity,
      1,
    ))
  test('of a pair of 3 and 1 have reciprocity 0.5', () =>
    assert.equal(
      of([
        [0, 1, 3],
        [1, 0, 1],
      ]).reciprocity,
      0.5,
    ))
  test('of equal givers have concentration 0', () =>
    assert.equal(
      of([
        [0, 1, 3],
        [1, 2, 3],
        [2, 0, 3],
      ]).concentration,
      0,
    ))
  test('tell how few give half', () =>
    assert.equal(
      of([
        [0, 1, 3],
        [1, 2, 3],
        [2, 0, 3],
        [3, 0, 1],
      ]).halfGivenBy,
      2,
    ))
  test('leave own changes out', () =>
    assert.equal(
      of([
        [0, 0, 9],
        [0, 1, 1],
      ]).approvals,
      1,
    ))
  test('of nothing are nothing', () =>
    assert.deepEqual(of([]), {
      approvals: 0,
      approvers: 0,
      authors: 0,
      pairs: 0,
      reciprocity: 0,
      concentration: 0,
      halfGivenBy: 0,
    }))
})
