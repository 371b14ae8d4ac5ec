/**
 * Layers compressed block by block on the threads of Node's pool, which are there already. Each block is a gzip member
 * or a zstd frame of its own; members and frames behind each other are one stream (RFC 1952, 2.2; RFC 8878, 3.1).
 *
 * The bytes depend on the content, the codec and the implementation alone: blocks have a fixed size, are joined in
 * order, and gzip headers say neither time nor system.
 */
import { availableParallelism } from 'node:os'
import { promisify } from 'node:util'
import { constants, gzip, zstdCompress } from 'node:zlib'
import { limit, type Waiting } from '../base/index.ts'
import type { Codec } from './codec.ts'
import type { Compression } from './decompress.ts'

export interface CompressorOptions {
  /**
   * blocks at the same time, at least 1; default: one a processor, at most 8, and one thread of the pool stays free for
   * files
   */
  readonly threads?: number | undefined
}

export interface Compressor {
  /**
   * The stream compressed, in chunks that stay as they are. Memory is bounded: blocks are read as far ahead as they
   * can be worked on. Leaving the loop early ends the source; errors of the source come through as they are.
   */
  compress(
    stream: AsyncIterable<Uint8Array>,
    codec: Codec,
    options?: Waiting,
  ): AsyncGenerator<Uint8Array, void, undefined>
}

interface Format {
  /** bytes; larger blocks compress better (measured, docs/adr), smaller ones take less memory */
  readonly blockSize: number
  readonly press: (block: Uint8Array, level: number) => Promise<Uint8Array>
}

const megabyte = 1024 * 1024
const gzipBlock = promisify(gzip)
const zstdBlock = promisify(zstdCompress)

/** Raise it when the same implementation makes other bytes than before. */
const version = 1

const formats: Readonly<Record<Exclude<Compression, 'none'>, Format>> = {
  gzip: {
    blockSize: megabyte,
    async press(block, level) {
      const member = await gzipBlock(block, { level, chunkSize: block.length + 1024 })
      member[osByte] = unknownOs
      return member
    },
  },
  zstd: {
    blockSize: 2 * megabyte,
    press: (block, level) =>
      zstdBlock(block, {
        params: { [constants.ZSTD_c_compressionLevel]: level },
        pledgedSrcSize: block.length,
        chunkSize: megabyte,
      }),
  },
}

/** RFC 1952, 2.3: where a member says which system made it, and what it says when that does not matter. */
const osByte = 9
const unknownOs = 255

/** What else than content decides about the bytes, as one word: level, block size, and who compresses. */
export function codecIdentity({ type, level }: Codec): string {
  if (type === 'none') return type
  const library = type === 'gzip' ? `zlib-${process.versions.zlib}` : `zstd-${process.versions['zstd']}`
  return `${type}-${level}-${formats[type].blockSize}-${version}-${library}-node-${process.versions.node}`
}

/** Blocks of all streams take turns on the same threads. */
export function newCompressor(options: CompressorOptions = {}): Compressor {
  const threads = options.threads ?? defaultThreads()
  const slot = limit(threads)
  return {
    async *compress(stream, { type, level }, { signal } = {}) {
      if (type === 'none') {
        yield* stream
        return
      }
      const { blockSize, press } = formats[type]
      const running: Promise<Uint8Array>[] = []
      const free: Buffer[] = []
      try {
        for await (const block of blocksOf(stream, blockSize, free)) {
          signal?.throwIfAborted()
          const pressed = slot(async () => {
            const member = await press(block, level)
            if (block.length === blockSize) free.push(block)
            return member
          })
          // It is awaited in its turn; until then nobody listens.
          pressed.catch(() => undefined)
          running.push(pressed)
          if (running.length > threads) yield await running.shift()!
        }
        while (running.length > 0) {
          signal?.throwIfAborted()
          yield await running.shift()!
        }
      } finally {
        await Promise.allSettled(running)
      }
    },
  }
}

/** Eight threads compress what 1 Gbit/s carries away, and more would take more memory than a build should. */
const mostThreads = 8

/** libuv's pool has four threads unless the environment says otherwise; `bin/slipway.js` asks for as many as it takes. */
function defaultThreads(): number {
  const pool = Number(process.env['UV_THREADPOOL_SIZE']) || 4
  return Math.max(1, Math.min(availableParallelism(), mostThreads, pool - 1))
}

/**
 * Copies of the bytes in blocks of one size, the last one shorter; an empty stream is one empty block. Blocks that the
 * consumer puts into `free` are used again.
 */
async function* blocksOf(
  stream: AsyncIterable<Uint8Array>,
  size: number,
  free: Buffer[],
): AsyncGenerator<Buffer, void, undefined> {
  const nextBlock = (): Buffer => free.pop() ?? Buffer.allocUnsafeSlow(size)
  let block = nextBlock()
  let filled = 0
  let isFirst = true
  for await (const chunk of stream) {
    for (let done = 0; done < chunk.length;) {
      const part = chunk.subarray(done, done + size - filled)
      block.set(part, filled)
      done += part.length
      filled += part.length
      if (filled < size) continue
      yield block
      isFirst = false
      block = nextBlock()
      filled = 0
    }
  }
  if (filled > 0 || isFirst) yield block.subarray(0, filled)
}
