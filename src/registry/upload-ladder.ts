/**
 * How the bytes of a blob get to a registry: `POST ?digest=`, POST and PUT, or chunks. What a host has shown it takes is
 * a habit, so that the next blob starts at the right rung.
 */
import { BadAnswer } from './answer.ts'
import { smallerBody, withLargestBody } from './habits.ts'
import { ChunksRefused, sendInChunks } from './upload-chunks.ts'
import { sendWhole } from './upload-whole.ts'
import type { Attempt, Upload } from './upload.ts'

/** Sends the blob once; the caller repeats it when its error allows that. */
export async function sendBlob(upload: Upload, attempt: Attempt): Promise<void> {
  const { habits, descriptor } = upload
  const { largestBody, chunks } = habits.known
  const isTooLarge = largestBody !== undefined && descriptor.size > largestBody
  if (upload.chunked || (isTooLarge && chunks !== false)) {
    await inChunks(upload, attempt)
    return
  }
  try {
    await sendWhole(upload, attempt)
  } catch (error) {
    const smaller = smallerBody(descriptor.size)
    const isRefused = error instanceof BadAnswer && error.status === 413
    if (!isRefused || upload.chunksRefused || smaller === undefined) throw error
    upload.tooLarge = error
    habits.learn(withLargestBody(habits.known, smaller))
    await inChunks(upload, attempt)
  }
}

/** A host that cannot do chunks after all gets the blob whole, unless that is what it refused. */
async function inChunks(upload: Upload, attempt: Attempt): Promise<void> {
  upload.progress.restart(upload.chunked?.position)
  try {
    await sendInChunks(upload, attempt)
    upload.habits.learn({ chunks: true })
  } catch (error) {
    if (!(error instanceof ChunksRefused)) throw error
    upload.chunked = undefined
    upload.chunksRefused = true
    upload.habits.learn({ chunks: false })
    if (upload.tooLarge) throw upload.tooLarge
    upload.progress.restart()
    await sendWhole(upload, attempt)
  }
}
