import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { newTally } from '../src/base/index.ts'
import { barsOf, perImage } from './bars.ts'
import { limit, names, slipway } from './bench.ts'
import { plansOf } from './cases/thousand.ts'
import { newResults, type Sample } from './sample.ts'

type Measured = readonly [name: string, subject: string, sample: Sample]

const seconds = (value: number): Sample => ({ seconds: value })
const withRequests = (value: number, requests: Readonly<Record<string, number>>): Sample => ({
  seconds: value,
  counts: { ...newTally(), requests: { ...requests } },
})

/** The bar whose name holds the words, of these samples. */
function barOf(words: string, measured: readonly Measured[]) {
  const results = newResults(() => undefined)
  for (const [name, subject, sample] of measured) results.add(name, subject, sample)
  const found = barsOf(results).filter(({ name }) => name.includes(words))
  assert.equal(found.length, 1, words)
  return found[0]!
}

describe('a bar', () => {
  test('that is to be reached is met at its value', () => {
    const rival = (value: number): Measured => [names.new, 'crane-style Go building', seconds(value)]
    const own: Measured = [names.new, slipway, seconds(4)]
    const { isMet, measured, margin, wanted } = barOf('crane-style', [own, rival(12)])
    assert.deepEqual([isMet, measured, margin, wanted], [true, '3.0 x', '0 % better', 'at least 3 x'])
    const short = barOf('crane-style', [own, rival(9)])
    assert.deepEqual([short.isMet, short.measured, short.margin], [false, '2.3 x', '25 % short'])
  })
  test('that is not to be passed is met at its value', () => {
    const peak = (megabytes: number): Measured[] => [
      [names.new, slipway, { seconds: 1, peakMemory: megabytes * 1e6 }],
    ]
    assert.deepEqual(barOf('peak memory', peak(200)).isMet, true)
    const { isMet, measured, margin } = barOf('peak memory', peak(250))
    assert.deepEqual([isMet, measured, margin], [false, '250 MB', '25 % short'])
    assert.equal(barOf('peak memory', peak(150)).margin, '25 % better')
  })
  test('of which something was not measured says so and is neither met nor missed', () => {
    for (const measured of [[], [[names.new, slipway, seconds(1)]]] as Measured[][]) {
      const bar = barOf('BuildKit', measured)
      assert.deepEqual(bar, { name: bar.name, wanted: 'at least 20 x' })
    }
  })
  test('goes by the median of its samples', () => {
    const own = [9, 2, 1].map((value): Measured => [names.large, slipway, seconds(value)])
    const bar = barOf('sha256sum', [...own, [names.sha256sum, limit, seconds(2)]])
    assert.equal(bar.measured, '1 x')
  })
})

test('BuildKit image by image is not its bake', () => {
  const own: Measured = [names.new, slipway, seconds(1)]
  const bake: Measured = [names.new, 'BuildKit v1, one bake of buildx v2', seconds(100)]
  assert.equal(barOf('BuildKit', [own, bake]).measured, undefined)
  const single: Measured = [names.new, 'BuildKit v1, image by image', seconds(30)]
  assert.equal(barOf('BuildKit', [own, bake, single]).measured, '30.0 x')
})

test('nothing changed: what is over an empty process, and requests that are not for manifests', () => {
  const own = (requests: Readonly<Record<string, number>>): Measured[] => [
    [names.nothing, slipway, withRequests(0.2, requests)],
    [names.nodeStart, limit, seconds(0.03)],
  ]
  assert.equal(barOf('above node', own({})).measured, '170 ms')
  assert.equal(barOf('above node', own({})).isMet, false)
  assert.equal(barOf('blob requests', own({ 'HEAD manifest': 24 })).isMet, true)
  const asked = barOf('blob requests', own({ 'HEAD manifest': 24, 'HEAD blob': 2 }))
  assert.deepEqual([asked.measured, asked.isMet], ['2', false])
})

test('linked again: every upload counts, however it is sent', () => {
  const sent = (requests: Readonly<Record<string, number>>) =>
    barOf('linked again', [[names.relink, slipway, withRequests(1, requests)]])
  assert.equal(sent({ 'HEAD manifest': 3 }).isMet, true)
  assert.equal(sent({ 'POST upload': 1, 'PUT upload': 1 }).measured, '2')
})

test('an image of a large plan costs what is left without the process and its HEAD', () => {
  assert.equal(Math.round(perImage(seconds(1.53), seconds(0.5), seconds(0.03), 1000) * 1e6), 1_000_000)
  const bars: Measured[] = [
    [plansOf(250), slipway, seconds(0.5)],
    [plansOf(1000), slipway, seconds(1.5)],
    [`${names.heads}, 1000`, limit, seconds(0.67)],
    [names.nodeStart, limit, seconds(0.03)],
  ]
  assert.deepEqual(
    [barOf('without its HEAD', bars).measured, barOf('linear', bars).measured, barOf('linear', bars).isMet],
    ['0.8 ms', '3 x', true],
  )
})
