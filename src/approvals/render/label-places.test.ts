import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { labelPlaces } from './label-places.ts'

const arcs = fc
  .array(fc.double({ min: 0.001, max: 1, noNaN: true }), { minLength: 1, maxLength: 300 })
  .map((widths) => {
    const scale = (2 * Math.PI) / widths.reduce((sum, width) => sum + width, 0)
    let at = 0
    return widths.map((width, node) => ({ node, start: at, end: (at += width * scale), value: width }))
  })

test('labels have room and keep the order of their arcs, and few are all there', () => {
  fc.assert(
    fc.property(arcs, (list) => {
      const room = 0.04
      const places = labelPlaces(list, room)
      const nodes = places.map(({ node }) => node)
      assert.deepEqual(
        nodes,
        nodes.toSorted((a, b) => a - b),
      )
      const isCrowded = list.length * room > Math.PI
      if (!isCrowded) assert.equal(places.length, list.length)
      const widest = list.toSorted((a, b) => b.end - b.start - (a.end - a.start) || a.node - b.node)[0]!
      assert.ok(nodes.includes(widest.node))
      for (const [index, { angle }] of places.entries()) {
        const next = places[index + 1]?.angle ?? places[0]!.angle + 2 * Math.PI
        assert.ok(next - angle > room * (isCrowded ? 0.999 : 0.8), `${next - angle} after ${index}`)
      }
    }),
    { numRuns: 100 },
  )
})
