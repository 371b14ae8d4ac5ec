/** The bytes of a layer, made while they are taken. */
import { closeSync } from 'node:fs'
import type { Tally, Waiting } from '../base/index.ts'
import { piecesOf } from './pieces.ts'
import type { Recipe } from './recipe.ts'
import { openSource, readSource, readSourceSync } from './source-file.ts'

export interface OpenOptions extends Waiting {
  /** first byte wanted; default 0 */
  readonly start?: number | undefined
  /** end of the bytes wanted, exclusive; default `recipe.size` */
  readonly end?: number | undefined
  /** where bytes read from files are counted */
  readonly tally?: Tally | undefined
}

const chunkSize = 1024 * 1024
/** Reads up to this size are done on the spot: the way to the thread pool and back costs more than the read. */
const directRead = 64 * 1024

/**
 * The tar of a layer, or a range of its bytes, in chunks of 1 MiB (the last one shorter). What lies before `start` is
 * not read. Each source file is opened once. Two buffers take turns: a chunk stays as it is until the second one after
 * it is asked for, so a consumer can hold one back while it waits for the next, and memory stays at two chunks.
 * Leaving the loop early closes what is open.
 * @throws Failure SOURCE_CHANGED when a file is not what it was when it was looked at; FILE_SYSTEM
 */
export async function* openRecipe(
  recipe: Recipe,
  options: OpenOptions = {},
): AsyncGenerator<Uint8Array, void, undefined> {
  const { start = 0, end = recipe.size, signal, tally } = options
  if (!(start >= 0 && start <= end && end <= recipe.size))
    throw new RangeError(`${start} to ${end} is no range of ${recipe.size} bytes`)
  const chunks = chunkFiller(end - start)
  signal?.throwIfAborted()
  for (const piece of piecesOf(recipe, start, end)) {
    if (piece.kind === 'bytes') {
      for (let done = 0; done < piece.bytes.length;) {
        const part = piece.bytes.subarray(done, done + chunks.space().length)
        chunks.space().set(part)
        done += part.length
        const full = chunks.advance(part.length)
        if (full) yield full
        signal?.throwIfAborted()
      }
      continue
    }
    const descriptor = openSource(piece.file)
    try {
      for (let position = piece.from; position < piece.to;) {
        const space = chunks.space().subarray(0, piece.to - position)
        const read = space.length > directRead ? readSource : readSourceSync
        const length = await read(piece, descriptor, space, position)
        signal?.throwIfAborted()
        position += length
        if (tally) tally.bytesRead += length
        const full = chunks.advance(length)
        if (full) yield full
        signal?.throwIfAborted()
      }
    } finally {
      closeSync(descriptor)
    }
  }
}

interface ChunkFiller {
  /** what is still to be filled of the current chunk */
  space(): Uint8Array
  /** Takes note of bytes written to `space()`; returns the chunk when that filled it. */
  advance(length: number): Uint8Array | undefined
}

/** Chunks for `left` bytes in all, in two buffers that take turns. */
function chunkFiller(left: number): ChunkFiller {
  const buffers = [
    Buffer.allocUnsafeSlow(Math.min(chunkSize, left)),
    Buffer.allocUnsafeSlow(Math.min(chunkSize, Math.max(0, left - chunkSize))),
  ] as const
  let turn = 0
  let chunk = buffers[0]
  let filled = 0
  return {
    space: () => chunk.subarray(filled),
    advance: (length) => {
      filled += length
      left -= length
      if (filled < chunk.length) return undefined
      const full = chunk
      turn = 1 - turn
      chunk = buffers[turn]!.subarray(0, Math.min(chunkSize, left))
      filled = 0
      return full
    },
  }
}
