import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseDuration } from './duration.ts'

describe('parseDuration', () => {
  const cases: [text: string, nanoseconds: bigint | undefined][] = [
    ['0', 0n],
    ['5s', 5_000_000_000n],
    ['1h30m', 5_400_000_000_000n],
    ['1.5s', 1_500_000_000n],
    ['.5m', 30_000_000_000n],
    ['1.s', 1_000_000_000n],
    ['250ms', 250_000_000n],
    ['1us2ns', 1002n],
    ['1µs', 1000n],
    ['1μs', 1000n],
    ['+1s', 1_000_000_000n],
    ['-1s', -1_000_000_000n],
    ['2562047h47m16.854775807s', 9_223_372_036_854_775_807n],
    ['0.9999999999999999999s', 1_000_000_000n],
    ['1.1111111111111111111h', 4_000_000_000_000n],
    ['1.00000000000000000000000000001s', 1_000_000_000n],
    ['2562048h', undefined],
    ['9999999999999999999999s', undefined],
    ['', undefined],
    ['-', undefined],
    ['1', undefined],
    ['s', undefined],
    ['.s', undefined],
    ['1d', undefined],
    ['1s ', undefined],
    ['1 s', undefined],
    ['1.2.3s', undefined],
    ['1S', undefined],
    ['1constructor', undefined],
  ]
  for (const [text, nanoseconds] of cases) {
    it(`reads ${JSON.stringify(text)} as ${nanoseconds}`, () =>
      assert.equal(parseDuration(text), nanoseconds))
  }
})
