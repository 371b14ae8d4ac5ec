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

test('labels have room, keep the order of their arcs, and are left out only where there are too many', () => {
  fc.assert(
    fc.property(arcs, (list) => {
      const room = 0.04
      const places = labelPlaces(list, room)
      const capacity = Math.floor((2 * Math.PI) / room)
      assert.ok(places.length === list.length || (list.length > capacity && places.length > capacity * 0.8))
      assert.deepEqual(
        places.map(({ node }) => node),
        places.map(({ node }) => node).toSorted((a, b) => a - b),
      )
      for (const [index, { angle }] of places.entries()) {
        const next = places[index + 1]?.angle ?? places[0]!.angle + 2 * Math.PI
        if (places.length < capacity * 0.5)
          assert.ok(next - angle > room * 0.8, `${next - angle} between ${index} and the next`)
      }
    }),
    { numRuns: 50 },
  )
})
