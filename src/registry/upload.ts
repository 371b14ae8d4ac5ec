/**
 * How the bytes of a blob get to a registry. Verbs are tried in the order of the ladder; what a host has shown it
 * takes is remembered in its habits, so that the next blob starts there.
 */
import { Failure } from '../base/index.ts'
import type { HttpBody, HttpResponse } from '../http/index.ts'
import { digestAlgorithm, isDigest, type Descriptor } from '../oci/index.ts'
import { uploadLocation } from './location.ts'
import type { Scope } from './scope.ts'
import type { Wire } from './wire.ts'

/** What one host has shown in this run. */
export interface HostHabits {
  /** whether mounting is worth a request */
  mounts: boolean
  uploadVerb: keyof typeof uploadVerbs
}

/** One blob on its way. */
export interface Upload {
  readonly wire: Wire
  readonly repository: string
  readonly descriptor: Descriptor
  readonly body: HttpBody
  readonly scopes: readonly Scope[]
  /** a session that is open already, for the first attempt only */
  readonly session: string | undefined
  readonly onBytes: (count: number) => void
  readonly signal: AbortSignal | undefined
}

/** Sends the blob once; the caller repeats it when its error allows that. */
export type UploadVerb = (upload: Upload) => Promise<void>

/** Committing a large blob can take a registry minutes: it may copy it to its storage first. */
const commitTimeoutMs = 300_000

/** Opens a session, then sends everything with its commit (distribution-spec "POST then PUT"). */
const postThenPut: UploadVerb = async (upload) => {
  const { wire, repository, descriptor, scopes, signal } = upload
  const session =
    upload.session ??
    (await wire.ask(
      {
        purpose: 'POST upload',
        method: 'POST',
        path: `/v2/${repository}/blobs/uploads/`,
        scopes,
        body: emptyBody,
        accept: [202],
        signal,
      },
      (response) => sessionOf(response, descriptor),
    ))
  await wire.ask(
    {
      purpose: 'PUT upload',
      method: 'PUT',
      path: session,
      scopes,
      headers: { 'content-type': 'application/octet-stream' },
      body: upload.body,
      accept: [201, 204],
      isUpload: true,
      answerTimeoutMs: commitTimeoutMs,
      onBytes: upload.onBytes,
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

/** The ladder; single POST and chunks get their rungs here. */
export const uploadVerbs = { 'post-put': postThenPut } as const satisfies Record<string, UploadVerb>

export function newHabits(): HostHabits {
  return { mounts: true, uploadVerb: 'post-put' }
}

/** The PUT address of the session that an answer opened. */
export function sessionOf(response: HttpResponse, { digest }: Descriptor): string {
  return uploadLocation(response.headers['location'], response.url, digest)
}

/** POST without a body says so: some front ends refuse one that has no length. */
export const emptyBody: HttpBody = { size: 0, async *open() {} }
