import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { describe, test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import { collect } from '../../test/support/layers.ts'
import { hasProgram, runProgram } from '../../test/support/program.ts'
import { seededBytes } from '../../test/support/project.ts'
import { temporaryFolder } from '../../test/support/temporary-folder.ts'
import { codecIdentity, newCompressor } from './compress.ts'
import { parseCodec, type Codec } from './codec.ts'
import { decompress } from './decompress.ts'

const megabyte = 1024 * 1024

/** The content in chunks of the given sizes, over and over. */
async function* chunked(content: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  for (let start = 0, turn = 0; start < content.length; turn++) {
    const end = start + sizes[turn % sizes.length]!
    yield content.subarray(start, end)
    start = end
  }
}

/** Text, zeros and noise, so that blocks take different times. */
function mixed(size: number, seed = 1): Buffer {
  const noise = seededBytes(seed, size)
  const masks = [0xff, 7, 0]
  for (let index = 0; index < size; index++) noise[index]! &= masks[(index >> 18) % 3]!
  return noise
}

const press = (content: Uint8Array, codec: Codec, threads: number, sizes: readonly number[] = [megabyte]) =>
  collect(newCompressor({ threads }).compress(chunked(content, sizes), codec))

describe('compression', () => {
  const codecs = fc.oneof(
    fc.integer({ min: 1, max: 9 }).map((level): Codec => ({ type: 'gzip', level })),
    fc.integer({ min: 1, max: 7 }).map((level): Codec => ({ type: 'zstd', level })),
  )
  test('threads, chunks and timing do not move a byte, and all of it comes back', async () => {
    await fc.assert(
      fc.asyncProperty(
        codecs,
        fc.integer({ min: 0, max: 5 * megabyte }),
        fc.array(fc.integer({ min: 1, max: 3 * megabyte }), { minLength: 1, maxLength: 4 }),
        async (codec, size, sizes) => {
          const content = mixed(size)
          const sturdy = sizes.map((chunk) => Math.max(chunk, size >> 8))
          const [one, two, three, busy] = await Promise.all([
            press(content, codec, 1),
            press(content, codec, 2, sturdy),
            press(content, codec, 3, [size + 1]),
            press(content, codec, 7),
          ])
          for (const other of [two, three, busy]) assert.ok(one.equals(other))
          assert.ok(content.equals(await collect(decompress(chunked(one, sturdy), codec.type))))
        },
      ),
      { numRuns: 12 },
    )
  })

  test('streams that share threads do not mix', async () => {
    const compressor = newCompressor({ threads: 2 })
    const contents = [1, 2, 3].map((seed) => mixed(3 * megabyte + seed, seed))
    const codec = parseCodec('gzip:1')
    const packed = await Promise.all(
      contents.map((content) => collect(compressor.compress(chunked(content, [70_000]), codec))),
    )
    for (const [index, content] of contents.entries())
      assert.ok(content.equals(gunzipSync(packed[index]!)), `stream ${index}`)
  })

  test('a gzip member says neither time nor name nor system, and there is one for each MiB', async () => {
    const packed = await press(mixed(2 * megabyte + 1), parseCodec('gzip'), 2)
    const header = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255])
    assert.ok(packed.subarray(0, 10).equals(header))
    let members = 0
    for (let at = packed.indexOf(header); at >= 0; at = packed.indexOf(header, at + 1)) members++
    assert.equal(members, 3)
  })

  test('a zstd frame says how much it holds', async () => {
    const packed = await press(mixed(2 * megabyte + 1), parseCodec('zstd'), 2)
    const [magic, descriptor] = [packed.readUInt32LE(0), packed[4]!]
    assert.equal(magic, 0xfd2fb528)
    assert.equal(descriptor >> 6, 2, 'the content size has four bytes')
    assert.equal(packed.readUInt32LE((descriptor & 0x20) === 0 ? 6 : 5), 2 * megabyte)
  })

  for (const codec of ['gzip', 'gzip:1', 'zstd', 'zstd:12'])
    test(`an empty stream and one byte survive ${codec}`, async () => {
      for (const content of [Buffer.alloc(0), Buffer.from('x')]) {
        const packed = await press(content, parseCodec(codec), 2)
        assert.ok(packed.length > 0)
        const { type } = parseCodec(codec)
        assert.ok(content.equals(await collect(decompress(chunked(packed, [7]), type))))
      }
    })

  test('none is the stream as it is', async () => {
    const content = mixed(100_000)
    assert.ok(content.equals(await press(content, parseCodec('none'), 2, [333])))
  })

  for (const [program, codec] of [
    ['gzip', 'gzip:6'],
    ['zstd', 'zstd:3'],
  ] as const)
    test(`${program} reads it`, { skip: !hasProgram(program) && `${program} is not installed` }, async () => {
      await using folder = await temporaryFolder()
      const content = mixed(5 * megabyte + 17)
      await writeFile(folder.join('x.in'), await press(content, parseCodec(codec), 2))
      await runProgram('sh', ['-c', `${program} -dc < x.in > x.out`], { cwd: folder.path })
      assert.equal(sha256(await readFile(folder.join('x.out'))), sha256(content))
    })

  test('an error of the source comes through, and nothing is left running', async () => {
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield mixed(5 * megabyte)
      throw new Error('the disk is on fire')
    }
    const stream = newCompressor({ threads: 2 }).compress(broken(), parseCodec('gzip:1'))
    await assert.rejects(collect(stream), /the disk is on fire/)
  })

  test('leaving early ends the source, and an abort the loop', async () => {
    let ended = 0
    async function* endless(): AsyncGenerator<Uint8Array> {
      try {
        for (;;) yield mixed(megabyte)
      } finally {
        ended++
      }
    }
    const compressor = newCompressor({ threads: 2 })
    for await (const chunk of compressor.compress(endless(), parseCodec('gzip:1'))) {
      assert.ok(chunk.length > 0)
      break
    }
    assert.equal(ended, 1)
    const stop = new AbortController()
    const reason = new Error('enough')
    const running = (async () => {
      const stream = compressor.compress(endless(), parseCodec('zstd'), { signal: stop.signal })
      for await (const _ of stream) stop.abort(reason)
    })()
    await assert.rejects(running, reason)
    assert.equal(ended, 2)
  })

  test('reads no further ahead than it can work', async () => {
    let read = 0
    async function* counted(): AsyncGenerator<Uint8Array> {
      for (let block = 0; block < 40; block++) {
        read++
        yield mixed(megabyte)
      }
    }
    const stream = newCompressor({ threads: 3 }).compress(counted(), parseCodec('gzip:1'))
    await stream.next()
    assert.ok(read <= 5, `${read} blocks were read for the first`)
    await stream.return()
  })
})

describe('the identity of a codec', () => {
  test('tells levels, formats and implementations apart', () => {
    const identities = ['gzip:1', 'gzip:6', 'zstd:1', 'zstd:6', 'none'].map((text) =>
      codecIdentity(parseCodec(text)),
    )
    assert.equal(new Set(identities).size, identities.length)
    assert.match(identities[0]!, new RegExp(`zlib-${process.versions.zlib.replaceAll('.', '\\.')}`))
    for (const identity of identities) assert.match(identity, /^\S+$/)
  })

  /** A new Node.js brings new compressors: whoever upgrades it writes down here whether bytes change with it. */
  const recorded = new Map([
    ['gzip-6-1048576-1-zlib-1.3.2.1-motley-8002e91-node-24.21.0', '0232b4f33307f1dd'],
    ['zstd-3-2097152-1-zstd-1.5.7-node-24.21.0', '72abfcd198e6e31c'],
  ])
  for (const name of ['gzip', 'zstd'])
    test(`stands for the same bytes of ${name} on every machine`, async () => {
      const codec = parseCodec(name)
      const digest = sha256(await press(mixed(3 * megabyte + 5), codec, 2))
      assert.equal(digest.slice(0, 16), recorded.get(codecIdentity(codec)), codecIdentity(codec))
    })
})

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
