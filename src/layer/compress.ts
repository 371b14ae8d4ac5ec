/**
 * Layers compressed block by block on the threads of Node's pool, which are there already. Each block is a gzip member
 * or a zstd frame of its own; members and frames behind each other are one stream (RFC 1952, 2.2; RFC 8878, 3.1).
 *
 * The bytes depend on the content, the codec and the implementation alone: blocks have a fixed size, are joined in
 * order, and gzip headers say neither time nor system.
 */
import { availableParallelism } from 'node:os'
import { constants, createGzip, createZstdCompress, type Gzip, type ZstdCompress } from 'node:zlib'
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
   * The stream compressed. Memory is bounded: blocks are read as far ahead as they can be worked on, and a chunk is gone
   * when the second one after it is asked for. Leaving the loop early ends the source, whose errors come through as
   * they are.
   */
  compress(
    stream: AsyncIterable<Uint8Array>,
    codec: Codec,
    options?: Waiting,
  ): AsyncGenerator<Uint8Array, void, undefined>
}

interface Format {
  /** bytes; larger blocks compress better (measured, docs/adr/0014), smaller ones take less memory */
  readonly blockSize: number
  readonly open: (level: number, size: number) => Gzip | ZstdCompress
}

const megabyte = 1024 * 1024

/** What a block that cannot be compressed grows by at most, so that it comes out in one buffer. */
const slack = 16 * 1024

/** Raise it when the same implementation makes other bytes than before. */
const version = 1

const formats: Readonly<Record<Exclude<Compression, 'none'>, Format>> = {
  gzip: {
    blockSize: megabyte,
    open: (level) => createGzip({ level, chunkSize: megabyte + slack }),
  },
  zstd: {
    blockSize: 2 * megabyte,
    open: (level, size) =>
      createZstdCompress({
        params: { [constants.ZSTD_c_compressionLevel]: level },
        pledgedSrcSize: size,
        chunkSize: 2 * megabyte + slack,
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
      const { blockSize, open } = formats[type]
      const running: Promise<Uint8Array[]>[] = []
      const taken: Uint8Array[][] = []
      async function* next(): AsyncGenerator<Uint8Array, void, undefined> {
        if (taken.length === 2) release(taken.shift()!)
        const parts = await running.shift()!
        taken.push(parts)
        yield* parts
      }
      const free: Buffer[] = []
      try {
        for await (const block of blocksOf(stream, blockSize, free)) {
          signal?.throwIfAborted()
          const pressed = slot(async () => {
            const parts = await press(open(level, block.length), block, type === 'gzip')
            if (block.length === blockSize) free.push(block)
            return parts
          })
          // It is awaited in its turn; until then nobody listens.
          pressed.catch(() => undefined)
          running.push(pressed)
          if (running.length > threads) yield* next()
        }
        while (running.length > 0) {
          signal?.throwIfAborted()
          yield* next()
        }
      } finally {
        await Promise.allSettled(running)
      }
    },
  }
}

/** One block as a member or a frame, in the parts it came out in. */
async function press(stream: Gzip | ZstdCompress, block: Uint8Array, isGzip: boolean): Promise<Uint8Array[]> {
  stream.end(block)
  const parts: Uint8Array[] = await Array.fromAsync(stream)
  if (isGzip) parts[0]![osByte] = unknownOs
  return parts
}

/** Eight threads compress what 1 Gbit/s carries away, and more would take more memory than a build should. */
const mostThreads = 8

/** libuv's pool has four threads unless the environment says otherwise; `bin/slipway.js` asks for as many as it takes. */
function defaultThreads(): number {
  const pool = Number(process.env['UV_THREADPOOL_SIZE']) || 4
  return Math.max(1, Math.min(availableParallelism(), mostThreads, pool - 1))
}

/** Frees the memory of a block's parts now: the collector would let 64 MB of them gather first. */
function release(parts: readonly Uint8Array[]): void {
  for (const { buffer } of parts)
    if (buffer instanceof ArrayBuffer && buffer.byteLength > Buffer.poolSize) buffer.transfer(0)
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
