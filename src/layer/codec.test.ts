import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { codecOf, formatCodec, parseCodec } from './codec.ts'

describe('codecs', () => {
  for (const [text, type, level] of [
    ['none', 'none', 0],
    ['uncompressed', 'none', 0],
    ['gzip', 'gzip', 6],
    ['gzip:1', 'gzip', 1],
    ['gzip:9', 'gzip', 9],
    ['zstd', 'zstd', 3],
    ['zstd:22', 'zstd', 22],
  ] as const)
    test(text, () => assert.deepEqual(parseCodec(text), { type, level }))

  test('are written as they are read', () => {
    for (const text of ['none', 'gzip:4', 'zstd:19']) assert.equal(formatCodec(parseCodec(text)), text)
    assert.equal(formatCodec(codecOf('gzip')), 'gzip:6')
  })

  for (const [text, message] of [
    ['', /"" is not a compression/],
    ['GZIP', /"GZIP" is not a compression/],
    ['gizp', /"gizp" is not a compression/],
    ['toString', /not a compression/],
    ['none:1', /"none" has no levels/],
    ['gzip:0', /"0" is not a level of gzip/],
    ['gzip:10', /"10" is not a level of gzip/],
    ['gzip:', /"" is not a level of gzip/],
    ['gzip:6.5', /"6.5" is not a level of gzip/],
    ['zstd:23', /"23" is not a level of zstd/],
    ['zstd:-1', /"-1" is not a level of zstd/],
    ['estargz', /cannot be compressed as estargz/],
  ] as const)
    test(`"${text}" is refused`, () => assert.throws(() => parseCodec(text), { code: 'USAGE', message }))
})
