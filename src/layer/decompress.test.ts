import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { constants, gzipSync, zstdCompressSync } from 'node:zlib'
import { decompress, type Compression } from './decompress.ts'
import { collect, streamOf } from '../../test/support/layers.ts'

const content = Buffer.concat([Buffer.alloc(300_000, 'text '), randomBytes(300_000)])
const compressed: Record<Compression, Buffer> = {
  none: content,
  gzip: gzipSync(content),
  zstd: zstdCompressSync(content),
}

for (const [compression, bytes] of Object.entries(compressed) as [Compression, Buffer][]) {
  test(`${compression} gives back the content`, async () => {
    assert.ok(content.equals(await collect(decompress(streamOf(bytes), compression))))
  })
  test(`two ${compression} streams in a row are one`, async () => {
    const twice = await collect(decompress(streamOf(Buffer.concat([bytes, bytes])), compression))
    assert.ok(twice.equals(Buffer.concat([content, content])))
  })
  test(`leaving the loop over ${compression} ends the source`, async () => {
    let ended = false
    async function* source() {
      try {
        for (;;) yield bytes
      } finally {
        ended = true
      }
    }
    for await (const _ of decompress(source(), compression)) break
    assert.ok(ended)
  })
  test(`an error of the source of ${compression} comes through as it is`, async () => {
    const broken = new Error('connection lost')
    async function* source() {
      yield bytes.subarray(0, 1000)
      throw broken
    }
    await assert.rejects(collect(decompress(source(), compression)), broken)
  })
  test(`an abort ends ${compression} with its reason`, async () => {
    const stop = new AbortController()
    const reason = new Error('enough')
    await assert.rejects(async () => {
      for await (const _ of decompress(streamOf(bytes), compression, { signal: stop.signal }))
        stop.abort(reason)
    }, reason)
  })
  if (compression === 'none') continue
  test(`${compression} that is cut or something else is refused`, async () => {
    const cases = [
      new Uint8Array(),
      Buffer.concat([bytes, bytes.subarray(0, 1000)]),
      bytes.subarray(0, -10),
      bytes.subarray(0, 5),
      Buffer.from('neither of both, at some length'),
    ]
    for (const wrong of cases) {
      await assert.rejects(collect(decompress(streamOf(wrong), compression)), (error) => {
        assert.equal((error as { code?: unknown }).code, 'ARCHIVE_INVALID', String(error))
        assert.match((error as Error).message, new RegExp(`^the archive is not well-formed ${compression}: `))
        return true
      })
    }
  })
}

test('zstd frames of every kind in a row, cut anywhere', async () => {
  const skippable = Buffer.concat([Buffer.from([0x5e, 0x2a, 0x4d, 0x18, 3, 0, 0, 0]), Buffer.from('abc')])
  const empty = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 0, 0, 0, 0])
  const withChecksum = zstdCompressSync('checked', { params: { [constants.ZSTD_c_checksumFlag]: 1 } })
  const withoutSize = zstdCompressSync('sizeless', { params: { [constants.ZSTD_c_contentSizeFlag]: 0 } })
  const repeated = zstdCompressSync(Buffer.alloc(400_000))
  const frames = [
    skippable,
    withChecksum,
    empty,
    withoutSize,
    zstdCompressSync(''),
    repeated,
    zstdCompressSync('x'.repeat(300)),
    empty,
  ]
  const bytes = Buffer.concat(frames)
  for (const chunkLength of [1, 2, 7, 100, bytes.length]) {
    const read = await collect(decompress(streamOf(bytes, chunkLength), 'zstd'))
    assert.equal(read.toString('latin1'), `checkedsizeless${'\0'.repeat(400_000)}${'x'.repeat(300)}`)
  }
})

test('the bytes of seven gzip members do not stop at the first', async () => {
  const member = gzipSync('member')
  const bytes = Buffer.concat(Array.from({ length: 7 }, () => member))
  for (const chunkLength of [1, member.length, bytes.length])
    assert.equal(
      (await collect(decompress(streamOf(bytes, chunkLength), 'gzip'))).toString(),
      'member'.repeat(7),
    )
})
