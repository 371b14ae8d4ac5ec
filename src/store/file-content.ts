/** A file of the disk as content. */
import { createReadStream } from 'node:fs'
import { fileFailure } from '../base/index.ts'
import type { Opener } from '../oci/index.ts'

/** A part of a file, in bytes. */
export interface FilePart {
  readonly offset: number
  readonly size: number
}

/** Reads the file, or the part of it, anew with each pass. Its chunks throw Failure FILE_SYSTEM when it cannot be read. */
export function fileOpener(path: string, part?: FilePart): Opener {
  const offset = part?.offset ?? 0
  return async function* ({ start = 0, end = part?.size, signal } = {}) {
    if (end !== undefined && end <= start) return
    try {
      const range = {
        start: offset + start,
        ...(end !== undefined && { end: offset + end - 1 }),
        highWaterMark: 1 << 20,
      }
      yield* createReadStream(path, { ...range, ...(signal && { signal }) }) as AsyncIterable<Uint8Array>
    } catch (error) {
      throw fileFailure('read', path, error)
    }
  }
}
