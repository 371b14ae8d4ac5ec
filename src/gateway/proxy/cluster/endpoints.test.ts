import assert from 'node:assert/strict'
import { describe, test, type TestContext } from 'node:test'
import { availableEndpoints } from './available.ts'
import { keyOf, LiveEndpoint } from './endpoint.ts'
import { Outliers } from './outliers.ts'

const rated = (name: string, isAvailable: boolean, rest: { priority?: number; weight?: number } = {}) => ({
  name,
  isAvailable,
  config: rest,
})
const names = (found: readonly { name: string }[]) => found.map(({ name }) => name).join('')

describe('endpoints that may be chosen', () => {
  test('those that are well', () =>
    assert.equal(names(availableEndpoints([rated('a', true), rated('b', false)], 0)), 'a'))
  test('none of weight 0', () =>
    assert.equal(names(availableEndpoints([rated('a', true, { weight: 0 }), rated('b', true)], 0)), 'b'))
  test('the first priority that has some', () => {
    const all = [rated('a', false), rated('b', true, { priority: 2 }), rated('c', true, { priority: 1 })]
    assert.equal(names(availableEndpoints(all, 0)), 'c')
  })
  test('all, when fewer are well than should be', () => {
    assert.equal(
      names(availableEndpoints([rated('a', true), rated('b', false), rated('c', false)], 50)),
      'abc',
    )
    assert.equal(names(availableEndpoints([rated('a', true), rated('b', false)], 50)), 'a')
  })
  test('none', () => assert.deepEqual(availableEndpoints([rated('a', false)], 0), []))
})

describe('an endpoint', () => {
  test('has a key that is an address', () => {
    assert.equal(keyOf({ address: '10.0.0.1', port: 80 }), '10.0.0.1:80')
    assert.equal(keyOf({ address: '::1', port: 80 }), '[::1]:80')
    assert.equal(keyOf({ address: 'unix:/run/a.sock', port: 0 }), 'unix:/run/a.sock')
  })
  test('that is new gets its share little by little', (t: TestContext) => {
    t.mock.timers.enable({ apis: ['Date'], now: 0 })
    const endpoint = new LiveEndpoint({ address: '10.0.0.1', port: 80, weight: 4 }, 10_000)
    assert.equal(endpoint.weight, 0.4)
    t.mock.timers.setTime(5000)
    assert.equal(endpoint.weight, 2)
    t.mock.timers.setTime(10_000)
    assert.equal(endpoint.weight, 4)
  })
})

describe('outliers', () => {
  const config = { intervalMs: 1000, baseEjectionMs: 1000, maxEjectionPercent: 50, minHealthPercent: 0 }
  const endpoints = () => [1, 2, 3, 4].map((i) => new LiveEndpoint({ address: `10.0.0.${i}`, port: 80 }))
  const fail = (outliers: Outliers, all: readonly LiveEndpoint[], at: number, statuses: readonly number[]) =>
    statuses.map((status) => outliers.ended(all[at]!, status, all))

  test('failures must be in a row, and of their kind', () => {
    const all = endpoints()
    const outliers = new Outliers({ ...config, consecutiveGatewayErrors: 2 })
    assert.deepEqual(fail(outliers, all, 0, [503, 200, 502, 500, 504]), [false, false, false, false, false])
    assert.deepEqual(fail(outliers, all, 0, [503]), [true])
  })
  test('connections that fail', () => {
    const all = endpoints()
    assert.deepEqual(fail(new Outliers({ ...config, consecutiveLocalErrors: 2 }), all, 0, [0, 503, 0, 0]), [
      false,
      false,
      false,
      true,
    ])
  })
  test('no more than their share, and longer each time', () => {
    const all = endpoints()
    const outliers = new Outliers({ ...config, consecutive5xx: 1 })
    assert.deepEqual(
      [0, 1, 2].map((at) => fail(outliers, all, at, [500])[0]),
      [true, true, false],
    )
    const first = all[0]!.ejectedUntil
    all[0]!.ejectedUntil = 0
    fail(outliers, all, 0, [500])
    assert.ok(all[0]!.ejectedUntil >= first + 900)
  })
})
