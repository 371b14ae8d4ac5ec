import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Retry, RetryCondition } from '../../model/index.ts'
import { backoff, retriesAnswer, retriesFailure, retriesTimeout } from './retry-policy.ts'

const on = (...conditions: (RetryCondition | number)[]): Retry => ({ attempts: 1, on: conditions })
const failure = (kind: 'connect' | 'reset' | 'garbage' | 'overflow' | 'refused') => ({
  kind,
  message: '',
  isReused: false,
})

describe('what is tried again', () => {
  const answers: readonly [RetryCondition | number, number, string | undefined, boolean][] = [
    ['5xx', 500, undefined, true],
    ['5xx', 499, undefined, false],
    ['gateway-error', 502, undefined, true],
    ['gateway-error', 500, undefined, false],
    ['retriable-4xx', 409, undefined, true],
    [429, 429, undefined, true],
    [429, 430, undefined, false],
    ['unavailable', 200, '14', true],
    ['unavailable', 200, '13', false],
    ['cancelled', 200, '1', true],
    ['deadline-exceeded', 200, '4', true],
    ['internal', 200, '13', true],
    ['resource-exhausted', 200, '8', true],
    ['internal', 200, undefined, false],
  ]
  for (const [condition, status, grpcStatus, expected] of answers) {
    test(`${condition}: ${status}${grpcStatus === undefined ? '' : `, gRPC ${grpcStatus}`}`, () => {
      const headers = grpcStatus === undefined ? [] : ['grpc-status', grpcStatus]
      assert.equal(retriesAnswer(on(condition), status, headers), expected)
    })
  }
  test('failures', () => {
    const kinds = (condition: RetryCondition) =>
      (['connect', 'reset', 'garbage', 'overflow', 'refused'] as const).filter((kind) =>
        retriesFailure(on(condition), failure(kind)),
      )
    assert.deepEqual(kinds('connect-failure'), ['connect'])
    assert.deepEqual(kinds('reset'), ['connect', 'reset', 'garbage', 'refused'])
    assert.deepEqual(kinds('reset-before-request'), ['connect', 'refused'])
    assert.deepEqual(kinds('refused-stream'), ['refused'])
    assert.deepEqual(kinds('timeout'), [])
  })
  test('tries that take too long', () => {
    assert.ok(retriesTimeout(on('timeout')) && retriesTimeout(on('5xx')) && !retriesTimeout(on('reset', 503)))
  })
})

describe('the wait before a try', () => {
  const waits = (retry: Retry, random: number) =>
    [0, 1, 2, 9].map((tries) => Math.round(backoff(retry, tries, () => random)))
  test('is any part of a growing time by default', () => {
    assert.deepEqual(waits(on(), 0), [0, 0, 0, 0])
    assert.deepEqual(waits(on(), 1), [25, 50, 100, 250])
  })
  test('is at least what the route says', () => {
    assert.deepEqual(waits({ ...on(), backoffMs: 100 }, 0), [100, 100, 100, 100])
    assert.deepEqual(waits({ ...on(), backoffMs: 100 }, 1), [100, 200, 400, 1000])
  })
})
