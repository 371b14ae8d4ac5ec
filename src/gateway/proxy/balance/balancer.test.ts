import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { newBalancer, type Candidate } from './balancer.ts'

const candidates = (weights: readonly number[], active: readonly number[] = []): Candidate[] =>
  weights.map((weight, i) => ({ key: `10.0.0.${i}:80`, weight, active: active[i] ?? 0 }))

/** The same numbers every time. */
function numbers(): () => number {
  let state = 1
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7f_ff_ff_ff
    return state / 0x80_00_00_00
  }
}

function shares(
  policy: Parameters<typeof newBalancer>[0],
  all: readonly Candidate[],
  draws = 6000,
): number[] {
  const balancer = newBalancer(policy, numbers())
  const counts = all.map(() => 0)
  for (let i = 0; i < draws; i++) counts[all.indexOf(balancer.pick(all, undefined))]!++
  return counts.map((count) => count / draws)
}

describe('shares by weight', () => {
  for (const policy of ['least-request', 'round-robin', 'random', 'ring-hash', 'maglev'] as const) {
    for (const [what, weights] of [
      ['equal', [1, 1, 1]],
      ['1 to 3', [1, 3]],
    ] as const) {
      test(`${policy}, ${what}`, () => {
        const total = weights.reduce((sum, weight) => sum + weight, 0)
        const found = shares(policy, candidates(weights))
        // Of a ring of 256 points for an endpoint shares are only near.
        const slack = policy === 'ring-hash' ? 0.12 : 0.05
        for (const [i, weight] of weights.entries())
          assert.ok(Math.abs(found[i]! - weight / total) < slack, String(found))
      })
    }
  }
})

describe('least request', () => {
  test('of two the one with fewer', () => {
    const found = shares('least-request', candidates([1, 1], [5, 0]))
    assert.deepEqual(found, [0, 1])
  })
  test('of many mostly those with fewer', () => {
    const [busy = 1] = shares('least-request', candidates([1, 1, 1, 1], [9, 0, 0, 0]))
    assert.equal(busy, 0)
  })
})

describe('smooth round robin', () => {
  test('5, 1, 1', () => {
    const all = candidates([5, 1, 1])
    const balancer = newBalancer('round-robin', numbers())
    const order = Array.from({ length: 7 }, () => all.indexOf(balancer.pick(all, undefined))).join('')
    assert.equal(order, '0010200')
  })
})

describe('consistent hashing', () => {
  for (const policy of ['ring-hash', 'maglev'] as const) {
    test(`${policy}: few keys move when one of ten goes`, () => {
      const all = candidates(Array.from({ length: 10 }, () => 1))
      const balancer = newBalancer(policy, numbers())
      const keys = Array.from({ length: 2000 }, (_, i) => Math.imul(i, 0x9e_37_79_b9) >>> 0)
      const before = keys.map((key) => balancer.pick(all, key))
      const left = all.slice(0, 9)
      const moved = keys.filter((key, i) => before[i] !== all[9] && balancer.pick(left, key) !== before[i])
      assert.ok(moved.length < 100, `${moved.length} of ${keys.length}`)
    })
  }
})
