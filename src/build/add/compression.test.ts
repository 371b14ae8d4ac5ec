import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { describe, test } from 'node:test'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { seededBytes } from '../../../test/support/project.ts'
import { decompressArchive, detectCompression, magicSize, type ArchiveCompression } from './compression.ts'

const text = Buffer.concat([Buffer.alloc(300_000, 'slipway '), seededBytes(7, 1_200_000)])

function compress(program: 'xz' | 'bzip2', input: Uint8Array): Buffer | undefined {
  try {
    return execFileSync(program, ['-c'], { input, maxBuffer: 1 << 26 })
  } catch {
    return undefined
  }
}

const compressed: Record<ArchiveCompression, Buffer | undefined> = {
  none: text,
  gzip: gzipSync(text),
  zstd: zstdCompressSync(text),
  xz: compress('xz', text),
  bzip2: compress('bzip2', text),
}

async function* chunksOf(bytes: Uint8Array, size = 10_000): AsyncGenerator<Uint8Array> {
  for (let offset = 0; offset < bytes.length; offset += size) yield bytes.subarray(offset, offset + size)
}

async function read(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(stream))
}

describe('detectCompression', () => {
  for (const [name, bytes] of Object.entries(compressed)) {
    test(`tells ${name} by its first bytes`, { skip: bytes ? false : `${name} is not installed` }, () =>
      assert.equal(detectCompression(bytes!.subarray(0, magicSize)), name),
    )
  }
  test('tells a zstd file that begins with a frame to skip', () =>
    assert.equal(detectCompression(Buffer.from('5a2a4d1800000000', 'hex')), 'zstd'))
  test('takes what is too short for no compression', () =>
    assert.equal(detectCompression(Buffer.from([0x1f])), 'none'))
})

describe('decompressArchive', () => {
  for (const [name, bytes] of Object.entries(compressed) as [ArchiveCompression, Buffer | undefined][]) {
    const skip = bytes ? false : `${name} is not installed`
    const options = { description: 'x.tar' }
    test(`gives the bytes of ${name}`, { skip }, async () =>
      assert.deepEqual(await read(decompressArchive(chunksOf(bytes!), name, options)), text),
    )
    if (name === 'none') continue
    test(`takes two streams of ${name} as one`, { skip }, async () => {
      const twice = Buffer.concat([bytes!, bytes!])
      const found = await read(decompressArchive(chunksOf(twice), name, options))
      assert.equal(found.length, 2 * text.length)
    })
    test(`refuses ${name} that ends too early`, { skip }, async () =>
      assert.rejects(read(decompressArchive(chunksOf(bytes!.subarray(0, 100_000)), name, options)), {
        code: 'ARCHIVE_INVALID',
        message: new RegExp(`^x\\.tar is not well-formed ${name}: `),
      }),
    )
    test(`passes on what fails below ${name}`, { skip }, async () => {
      async function* broken(): AsyncGenerator<Uint8Array> {
        yield bytes!.subarray(0, 5000)
        throw new Error('the disk went away')
      }
      await assert.rejects(read(decompressArchive(broken(), name, options)), {
        message: 'the disk went away',
      })
    })
    test(`ends the source of ${name} when the reader leaves`, { skip }, async () => {
      let isEnded = false
      async function* watched(): AsyncGenerator<Uint8Array> {
        try {
          yield* chunksOf(bytes!)
        } finally {
          isEnded = true
        }
      }
      for await (const _ of decompressArchive(watched(), name, options)) break
      for (let turn = 0; turn < 50 && !isEnded; turn++) await new Promise((done) => setImmediate(done))
      assert.ok(isEnded)
    })
  }
})
