/** A file of the disk as content. */
import { createReadStream } from 'node:fs'
import { fileFailure } from '../base/index.ts'
import type { Opener } from '../oci/index.ts'

/** Reads the file anew with each pass. Its chunks throw Failure FILE_SYSTEM when it cannot be read. */
export function fileOpener(path: string): Opener {
  return async function* ({ start = 0, end, signal } = {}) {
    if (end !== undefined && end <= start) return
    try {
      const range = { start, ...(end !== undefined && { end: end - 1 }), highWaterMark: 1 << 20 }
      yield* createReadStream(path, { ...range, ...(signal && { signal }) }) as AsyncIterable<Uint8Array>
    } catch (error) {
      throw fileFailure('read', path, error)
    }
  }
}
