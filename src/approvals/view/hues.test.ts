import assert from 'node:assert/strict'
import { test } from 'node:test'
import { huesOf } from './hues.ts'

const nodes = Array.from({ length: 30 }, (_, party) => ({
  label: `p${party}`,
  party: party === 29 ? -1 : party,
  size: 1,
  given: 1,
  received: 1,
}))

test('nobody has the hue of another by chance, and the others have none', () => {
  const hues = huesOf(nodes, () => undefined, 7)
  const given = hues.filter((hue) => hue !== undefined)
  assert.deepEqual([given.length, new Set(given).size, hues.at(-1)], [7, 7, undefined])
})

test('a team has a hue of its own', () => {
  const hues = huesOf(nodes, (party) => (party < 20 ? `team ${party % 10}` : undefined), 7)
  assert.equal(hues[0], hues[10])
  assert.notEqual(hues[0], hues[1])
  assert.deepEqual([hues[9], hues[25], hues.at(-1)], [undefined, undefined, undefined])
})
