import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseRetryAfter, retry, statusVerdict, transportVerdict, type Retried } from './retry.ts'
import type { Clock } from './clock.ts'

function fakeClock(random = 1): Clock & { readonly slept: number[] } {
  const slept: number[] = []
  return {
    slept,
    now: () => 0,
    random: () => random,
    async sleep(milliseconds, { signal } = {}) {
      signal?.throwIfAborted()
      slept.push(milliseconds)
    },
  }
}

const systemError = (code: string) => Object.assign(new Error(code), { code })

for (const { code, attempts, slept } of [
  { code: 'ECONNRESET', attempts: 5, slept: [250, 500, 1000, 2000] },
  { code: 'EPIPE', attempts: 5, slept: [250, 500, 1000, 2000] },
  { code: 'ETIMEDOUT', attempts: 5, slept: [250, 500, 1000, 2000] },
  { code: 'ECONNREFUSED', attempts: 3, slept: [250, 500] },
  { code: 'ENOTFOUND', attempts: 1, slept: [] },
  { code: 'ENOSPC', attempts: 1, slept: [] },
]) {
  test(`${code} is tried ${attempts} times`, async () => {
    const clock = fakeClock()
    const seen: number[] = []
    const error = systemError(code)
    const work = async (attempt: number) => {
      seen.push(attempt)
      throw error
    }
    await assert.rejects(retry(work, { clock }), (thrown) => thrown === error)
    assert.deepEqual(
      seen,
      Array.from({ length: attempts }, (_, index) => index + 1),
    )
    assert.deepEqual(clock.slept, slept)
  })
}

test('work that succeeds later returns its result, and every repeat is reported', async () => {
  const retried: Retried[] = []
  const result = await retry(
    async (attempt) => {
      if (attempt < 3) throw systemError('EPIPE')
      return attempt
    },
    { clock: fakeClock(0), onRetry: (event) => retried.push(event) },
  )
  assert.equal(result, 3)
  assert.deepEqual(retried, [
    { reason: 'EPIPE', attempt: 1, delayMs: 125, waitedMs: 125 },
    { reason: 'EPIPE', attempt: 2, delayMs: 250, waitedMs: 375 },
  ])
})

test('delays never pass twenty seconds of their own', async () => {
  const clock = fakeClock()
  const failing = retry(() => Promise.reject(systemError('EPIPE')), { clock, attempts: 12 })
  await assert.rejects(failing)
  assert.equal(Math.max(...clock.slept), 20_000)
  assert.equal(clock.slept.length, 11)
})

test('Retry-After is waited for up to two minutes, and a longer one ends the attempts', async () => {
  for (const [afterMs, slept] of [
    [7000, [7000]],
    [10, [250]],
    [120_001, []],
  ] as const) {
    const clock = fakeClock()
    const judge = () => statusVerdict(429, afterMs)
    await assert.rejects(retry(() => Promise.reject(new Error('429')), { clock, judge, attempts: 2 }))
    assert.deepEqual(clock.slept, slept)
  }
})

test('waiting ends before it would be more than the budget', async () => {
  const clock = fakeClock()
  const judge = () => statusVerdict(429, 100_000)
  await assert.rejects(retry(() => Promise.reject(new Error('429')), { clock, judge }))
  assert.deepEqual(clock.slept, [100_000, 100_000, 100_000])
})

test('attempts are counted anew after one that got something done', async () => {
  const clock = fakeClock()
  let worked = 0
  const options = { clock, attempts: 3, hasProgressed: () => worked <= 4 }
  const failing = retry(() => {
    worked++
    return Promise.reject(systemError('EPIPE'))
  }, options)
  await assert.rejects(failing)
  assert.equal(worked, 6)
  assert.deepEqual(clock.slept, [250, 250, 250, 250, 500])
})

test('an abort during the wait ends it with its reason', async () => {
  const stop = new AbortController()
  let worked = 0
  const work = () => {
    worked++
    return Promise.reject(systemError('ECONNRESET'))
  }
  const failing = retry(work, { signal: stop.signal, onRetry: () => stop.abort(new Error('enough')) })
  await assert.rejects(failing, { message: 'enough' })
  assert.equal(worked, 1)
})

test('only these statuses are repeated', () => {
  const repeated = Array.from({ length: 500 }, (_, index) => index + 100).filter((status) =>
    statusVerdict(status),
  )
  assert.deepEqual(repeated, [408, 429, 500, 502, 503, 504])
  assert.equal(transportVerdict(new Error('no code')), undefined)
})

test('Retry-After is read as seconds or as a date', () => {
  const now = Date.parse('2026-01-02T03:04:00Z')
  for (const [text, expected] of [
    ['0', 0],
    [' 12 ', 12_000],
    ['Fri, 02 Jan 2026 03:04:05 GMT', 5000],
    ['Fri, 02 Jan 2026 03:03:00 GMT', 0],
    ['-1', undefined],
    ['1.5', undefined],
    ['99999999999999', undefined],
    ['soon', undefined],
    ['', undefined],
    [undefined, undefined],
  ] as const) {
    assert.equal(parseRetryAfter(text, now), expected, String(text))
  }
})
