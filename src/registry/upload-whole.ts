/** A blob in one body with Content-Length: `POST ?digest=`, or POST and PUT (distribution-spec "Pushing a blob monolithically"). */
import { Failure } from '../base/index.ts'
import type { HttpResponse } from '../http/index.ts'
import { digestAlgorithm, isDigest, mediaTypes, toOciMediaType, type Descriptor } from '../oci/index.ts'
import { BadAnswer } from './answer.ts'
import { commitLocation } from './location.ts'
import {
  bodyOf,
  emptyBody,
  openSession,
  sessionOf,
  uploadsPath,
  type Attempt,
  type Upload,
} from './upload.ts'
import type { Question } from './wire.ts'

/** of every body that carries a blob */
export const octets = { 'content-type': 'application/octet-stream' }

/** A config of more bytes proves nothing that its sending twice would be worth. */
const largestProbe = 64 * 1024

export async function sendWhole(upload: Upload, attempt: Attempt): Promise<void> {
  if (upload.session === undefined && triesSinglePost(upload, attempt)) {
    const result = await singlePost(upload, attempt)
    if (result === 'stored') return
    upload.session = result.session
  }
  const session = upload.session ?? (await openSession(upload, attempt)).session
  upload.session = undefined
  upload.progress.restart()
  await commit(upload, session, attempt)
}

/**
 * Whether one request may do. A host that is not known is tried with a config, which every image has: one that ignores
 * the body opens a session by the same answer, so that trying costs a few kilobytes and no request.
 */
function triesSinglePost({ habits, descriptor }: Upload, { attempt }: Attempt): boolean {
  if (attempt > 1) return false
  const isProbe =
    toOciMediaType(descriptor.mediaType) === mediaTypes.config && descriptor.size <= largestProbe
  return habits.known.singlePost ?? isProbe
}

/** Statuses that may be about this form of request rather than about the blob, the repository or us. */
const refusals = new Set([400, 404, 405, 411, 415, 416, 422, 500, 501])

async function singlePost(
  upload: Upload,
  { signal }: Attempt,
): Promise<'stored' | { session: string | undefined }> {
  const { wire, habits, repository, descriptor, scopes } = upload
  try {
    const result = await wire.ask(
      {
        purpose: 'POST upload',
        method: 'POST',
        path: commitLocation(uploadsPath(repository), descriptor.digest),
        scopes,
        headers: octets,
        body: bodyOf(upload),
        accept: [201, 202],
        isUpload: true,
        isCommit: true,
        onBytes: upload.progress.add,
        signal,
      },
      (response) => {
        if (response.status === 202) return { session: sessionOf(response) }
        checkDigest(response, descriptor)
        return 'stored'
      },
    )
    habits.learn({ singlePost: result === 'stored' })
    return result
  } catch (error) {
    const isRefused = error instanceof BadAnswer && refusals.has(error.status) && !error.has('NAME_UNKNOWN')
    if (!isRefused) throw error
    habits.learn({ singlePost: false })
    return { session: undefined }
  }
}

/** Sends what is not there yet, from `start` on, and ends the session. */
export async function commit(upload: Upload, session: string, attempt: Attempt, start = 0): Promise<void> {
  const { size } = upload.descriptor
  const isRest = start > 0 && start < size
  await commitWith(upload, session, attempt, {
    headers: isRest ? { ...octets, 'content-range': `${start}-${size - 1}` } : octets,
    body: start === size && size > 0 ? emptyBody : bodyOf(upload, start),
    onBytes: upload.progress.add,
  })
}

/** Ends a session that has all bytes before those of the body. */
export async function commitWith(
  { wire, descriptor, scopes }: Pick<Upload, 'wire' | 'descriptor' | 'scopes'>,
  session: string,
  { signal }: Pick<Attempt, 'signal'>,
  sent: Pick<Question, 'headers' | 'body' | 'onBytes'>,
): Promise<void> {
  await wire.ask(
    {
      purpose: 'PUT upload',
      method: 'PUT',
      path: commitLocation(session, descriptor.digest),
      scopes,
      ...sent,
      accept: [201, 204],
      isUpload: true,
      isCommit: true,
      signal,
    },
    (response) => checkDigest(response, descriptor),
  )
}

/** What the registry says it has stored, when it says so with the algorithm we used. */
function checkDigest(response: HttpResponse, { digest }: Descriptor): void {
  const stored = response.headers['docker-content-digest'] ?? ''
  if (!isDigest(stored) || stored === digest || digestAlgorithm(stored) !== digestAlgorithm(digest)) return
  throw new Failure('CONTENT_MISMATCH', `the registry says it stored ${stored}, not ${digest}`)
}
