/**
 * A blob in chunks (distribution-spec "Pushing a blob in chunks"), for hosts that refuse it whole. Chunks follow each
 * other; after a break the registry is asked how far it got, and the upload goes on there.
 */
import { BadAnswer } from './answer.ts'
import { smallerBody, withLargestBody } from './habits.ts'
import { positionAfter } from './upload-range.ts'
import { commit } from './upload-whole.ts'
import { bodyOf, openSession, sessionOf, type Attempt, type ChunkedSession, type Upload } from './upload.ts'

/** The host shows that it cannot do chunked uploads, or not rightly. */
export class ChunksRefused extends Error {}

/** Answers of hosts, or of what stands in front of them, that know no PATCH. */
const refusals = new Set([400, 404, 405, 415, 501])
/** Times in a row that a registry may tell us another position without having got further. */
const mostStalls = 2

export async function sendInChunks(upload: Upload, attempt: Attempt): Promise<void> {
  const { habits, descriptor, progress } = upload
  const session = await startOrResume(upload, attempt)
  let stalls = 0
  for (;;) {
    const before = session.position
    const chunk = Math.max(habits.known.largestBody ?? 0, session.leastChunk)
    const isLast = descriptor.size - before <= chunk
    try {
      if (isLast) return await commitChunks(upload, session, attempt)
      await sendChunk(upload, session, before + chunk, attempt)
    } catch (error) {
      if (!(error instanceof BadAnswer)) throw error
      if (error.status === 413) shrink(upload, session, error, Math.min(chunk, descriptor.size - before))
      else if (error.status !== 416) throw error
      await synchronize(upload, session, attempt)
      progress.restart(session.position)
      if (error.status === 413) continue
    }
    stalls = session.position > before ? 0 : stalls + 1
    if (stalls > mostStalls) throw new ChunksRefused()
  }
}

/** The session of an earlier attempt when the registry still has it, else a new one. */
async function startOrResume(upload: Upload, attempt: Attempt): Promise<ChunkedSession> {
  if (upload.chunked) {
    const session = upload.chunked
    if (session.isUnsure) await synchronize(upload, session, attempt)
    upload.progress.restart(session.position)
    return session
  }
  const { session, leastChunk } = await openSession(upload, attempt)
  upload.chunked = { address: session, position: 0, sent: 0, leastChunk, isUnsure: false }
  upload.progress.restart()
  return upload.chunked
}

async function sendChunk(
  upload: Upload,
  session: ChunkedSession,
  end: number,
  { signal, attempt }: Attempt,
): Promise<void> {
  const { wire, scopes, progress } = upload
  const start = session.position
  session.sent = end
  session.isUnsure = true
  let next: number
  try {
    next = await wire.ask(
      {
        purpose: 'PATCH upload',
        method: 'PATCH',
        path: session.address,
        scopes,
        headers: { 'content-type': 'application/octet-stream', 'content-range': `${start}-${end - 1}` },
        body: bodyOf(upload, start, end),
        accept: [200, 201, 202, 204],
        isUpload: true,
        onBytes: progress.add,
        signal,
      },
      (response) => {
        if (response.headers['location'] !== undefined) session.address = sessionOf(response)
        return positionAfter(response.headers['range'], end) ?? end
      },
    )
  } catch (error) {
    throw isRefusal(error, start, attempt) ? new ChunksRefused() : error
  }
  session.isUnsure = false
  // Bytes that were taken with thanks and are not there: chunks of this host cannot be trusted.
  if (next <= start) throw new ChunksRefused()
  session.position = next
  if (next < end) progress.restart(next)
}

/**
 * Whether an answer to the first chunk is about chunks as such. One that says the session is lost may be right once: a
 * connection that broke may have cost it.
 */
function isRefusal(error: unknown, start: number, attempt: number): boolean {
  if (!(error instanceof BadAnswer) || start > 0 || !refusals.has(error.status)) return false
  const isLost = error.has('BLOB_UPLOAD_UNKNOWN') || error.has('BLOB_UPLOAD_INVALID')
  return !isLost || attempt > 1
}

async function commitChunks(upload: Upload, session: ChunkedSession, attempt: Attempt): Promise<void> {
  session.sent = upload.descriptor.size
  session.isUnsure = true
  try {
    await commit(upload, session.address, attempt, session.position)
  } catch (error) {
    const isBroken =
      error instanceof BadAnswer &&
      error.status < 500 &&
      (error.has('DIGEST_INVALID') || error.has('SIZE_INVALID') || error.has('BLOB_UPLOAD_INVALID'))
    throw isBroken && !upload.tooLarge ? new ChunksRefused() : error
  }
}

/** Asks how far the registry got. A session that it has lost, or of which it says nothing, begins anew. */
async function synchronize(upload: Upload, session: ChunkedSession, attempt: Attempt): Promise<void> {
  const { wire, scopes } = upload
  const position = await wire.ask(
    {
      purpose: 'GET upload',
      method: 'GET',
      path: session.address,
      scopes,
      accept: [200, 202, 204, 400, 404, 405, 416, 501],
      signal: attempt.signal,
    },
    (response) => {
      if (response.status >= 400) return undefined
      if (response.headers['location'] !== undefined) session.address = sessionOf(response)
      return positionAfter(response.headers['range'], session.sent)
    },
  )
  session.isUnsure = false
  if (position !== undefined) {
    session.position = position
    return
  }
  session.address = (await openSession(upload, attempt)).session
  session.position = 0
  session.sent = 0
}

function shrink(upload: Upload, session: ChunkedSession, refused: BadAnswer, size: number): void {
  const smaller = smallerBody(size, session.leastChunk)
  if (smaller === undefined) throw refused
  upload.tooLarge ??= refused
  upload.habits.learn(withLargestBody(upload.habits.known, smaller))
}
