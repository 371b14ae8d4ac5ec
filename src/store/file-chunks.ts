/** Large files as content, in two buffers: the stream of Node.js takes a new one for each chunk and leaves all to the collector. */
import { open } from 'node:fs/promises'
import { fileFailure } from '../base/index.ts'
import type { Opener } from '../oci/index.ts'

const chunkSize = 1024 * 1024

/** Reads the file anew with each pass, in chunks of 1 MiB that take turns. @throws Failure FILE_SYSTEM */
export function fileChunks(path: string): Opener {
  return async function* ({ start = 0, end = Infinity, signal } = {}) {
    try {
      await using file = await open(path)
      const size = Math.max(0, Math.min(end, (await file.stat()).size) - start)
      const buffers = [0, 1].map(() => Buffer.allocUnsafeSlow(Math.min(chunkSize, size)))
      for (let done = 0, turn = 0; done < size; turn = 1 - turn) {
        signal?.throwIfAborted()
        const wanted = Math.min(chunkSize, size - done)
        const { bytesRead } = await file.read(buffers[turn]!, 0, wanted, start + done)
        if (bytesRead === 0) return
        done += bytesRead
        yield buffers[turn]!.subarray(0, bytesRead)
      }
    } catch (error) {
      throw fileFailure('read', path, error)
    }
  }
}
