/** One blob on its way to a registry, and what every way of sending it needs. */
import type { HttpBody, HttpResponse } from '../http/index.ts'
import type { Descriptor, Opener } from '../oci/index.ts'
import type { BadAnswer } from './answer.ts'
import type { LearnedHabits } from './habits.ts'
import { sessionLocation } from './location.ts'
import type { Scope } from './scope.ts'
import type { Wire } from './wire.ts'

/** What is kept of an upload over all its attempts. */
export interface Upload {
  readonly wire: Wire
  readonly habits: LearnedHabits
  readonly repository: string
  readonly descriptor: Descriptor
  readonly open: Opener
  readonly scopes: readonly Scope[]
  readonly progress: UploadProgress
  /** a session that is open and has no bytes yet; taken by the first who can use it */
  session: string | undefined
  /** where chunks go on after a break */
  chunked: ChunkedSession | undefined
  /** the answer to a body that was too large */
  tooLarge: BadAnswer | undefined
  /** whether the host has shown for this blob that it cannot do chunks */
  chunksRefused: boolean
}

/** An upload in chunks that has begun. */
export interface ChunkedSession {
  /** where the next request goes */
  address: string
  /** bytes that the registry has */
  position: number
  /** bytes that were sent at most, of which the registry may have fewer */
  sent: number
  /** least bytes of a chunk */
  readonly leastChunk: number
  /** whether the registry must be asked for its position first */
  isUnsure: boolean
}

export interface UploadProgress {
  /** counts bytes that were handed to the connection */
  readonly add: (count: number) => void
  /** so many bytes are there; what was sent beyond them is sent again */
  readonly restart: (position?: number) => void
}

/** One attempt. */
export interface Attempt {
  readonly signal: AbortSignal | undefined
  /** from 1 */
  readonly attempt: number
}

/** Opens a session without sending anything. */
export async function openSession(
  { wire, repository, scopes }: Pick<Upload, 'wire' | 'repository' | 'scopes'>,
  { signal }: Pick<Attempt, 'signal'>,
): Promise<{ session: string; leastChunk: number }> {
  return wire.ask(
    {
      purpose: 'POST upload',
      method: 'POST',
      path: uploadsPath(repository),
      scopes,
      body: emptyBody,
      accept: [202],
      signal,
    },
    (response) => ({ session: sessionOf(response), leastChunk: leastChunkOf(response) }),
  )
}

export function uploadsPath(repository: string): string {
  return `/v2/${repository}/blobs/uploads/`
}

/** The address of the session that an answer opened. */
export function sessionOf(response: HttpResponse): string {
  return sessionLocation(response.headers['location'], response.url)
}

/** `OCI-Chunk-Min-Length`: the least bytes of every chunk but the last one. */
function leastChunkOf(response: HttpResponse): number {
  const text = response.headers['oci-chunk-min-length'] ?? ''
  return /^\d{1,12}$/.test(text) ? Number(text) : 0
}

/** POST without a body says so: some front ends refuse one that has no length. */
export const emptyBody: HttpBody = { size: 0, async *open() {} }

/** A part of the blob, or all of it. */
export function bodyOf({ open, descriptor }: Upload, start = 0, end = descriptor.size): HttpBody {
  const isWhole = start === 0 && end === descriptor.size
  return { size: end - start, open: (options) => open(isWhole ? options : { ...options, start, end }) }
}
