/**
 * One blob into one repository while its digest is found: POST, one PATCH with all bytes, PUT with the digest and no
 * body (distribution-spec "Pushing a blob in chunks"). One attempt, for what fails is pushed again as a blob that has a
 * name; no session is left open.
 */
import { Failure, systemCode, type Waiting } from '../base/index.ts'
import { mediaTypes, type Digest, type UnnamedBlob } from '../oci/index.ts'
import { BadAnswer } from './answer.ts'
import { smallerBody, withLargestBody, type Habits, type LearnedHabits } from './habits.ts'
import type { PushContext } from './push-blob.ts'
import { pushScope, type Scope } from './scope.ts'
import { positionAfter } from './upload-range.ts'
import { commitWith, octets } from './upload-whole.ts'
import { emptyBody, openSession, sessionOf } from './upload.ts'
import { watchSource } from './watched-source.ts'
import type { Wire } from './wire.ts'

export interface StreamOptions extends Waiting {
  /** asked once, when all bytes are there and have a digest; default: always */
  readonly isWanted?: (digest: Digest) => boolean
}

/** `refused`: nothing was read, for the host has shown before that it does not take this. */
export type StreamedBlob = 'uploaded' | 'unwanted' | 'failed' | 'refused'

/** For what has gone wrong already; nobody waits long for it. */
const cancelMs = 2000

interface Transfer {
  readonly wire: Wire
  readonly repository: string
  readonly scopes: readonly Scope[]
  readonly content: UnnamedBlob
  readonly signal: AbortSignal | undefined
  /** once it is open; goes on where the last answer said */
  session?: string
}

export async function streamBlob(
  { wire, habits }: PushContext,
  repository: string,
  content: UnnamedBlob,
  { isWanted, ...options }: StreamOptions,
): Promise<StreamedBlob> {
  const signal = wire.signalFor(options.signal)
  await habits.ready()
  if (!takesStreams(habits.known, content.size)) return 'refused'
  const source = watchSource(content.open)
  const watched = { ...content, open: source.open }
  const transfer: Transfer = { wire, repository, scopes: [pushScope(repository)], content: watched, signal }
  return wire.pace.upload(async () => {
    try {
      signal?.throwIfAborted()
      await sendBytes(transfer)
      const digest = digestOf(content)
      if (isWanted?.(digest) ?? true) {
        await commitStream(transfer, digest)
        return 'uploaded'
      }
      await cancel(transfer)
      return 'unwanted'
    } catch (error) {
      await cancel(transfer)
      signal?.throwIfAborted()
      const own = source.error()
      if (own !== undefined) throw own
      if (!isOfTransfer(error)) throw error
      learn(habits, error, content.size)
      tell(transfer, error)
      return 'failed'
    }
  })
}

/** A host that takes a blob in one request does so at a better price. */
function takesStreams({ chunks, singlePost, largestBody = Infinity }: Habits, size: number): boolean {
  return chunks !== false && singlePost !== true && size <= largestBody
}

async function sendBytes(transfer: Transfer): Promise<void> {
  const { wire, scopes, content, signal } = transfer
  const { size, open } = content
  transfer.session = (await openSession(transfer, { signal })).session
  const position = await wire.ask(
    {
      purpose: 'PATCH upload',
      method: 'PATCH',
      path: transfer.session,
      scopes,
      headers: { ...octets, 'content-range': `0-${size - 1}` },
      body: { size, open },
      accept: [200, 201, 202, 204],
      isUpload: true,
      signal,
    },
    (response) => {
      if (response.headers['location'] !== undefined) transfer.session = sessionOf(response)
      return positionAfter(response.headers['range'], size) ?? size
    },
  )
  if (position < size)
    throw new Failure('REGISTRY_REFUSED', `the registry has ${position} of ${size} bytes it was sent`)
}

function digestOf(content: UnnamedBlob): Digest {
  const digest = content.digest()
  if (digest === undefined)
    throw new Failure('REGISTRY_REFUSED', 'the registry answered before it had been sent all bytes')
  return digest
}

async function commitStream(
  { wire, scopes, content, session, signal }: Transfer,
  digest: Digest,
): Promise<void> {
  const { size } = content
  const descriptor = { mediaType: mediaTypes.layer, digest, size }
  await commitWith({ wire, scopes, descriptor }, session!, { signal }, { headers: octets, body: emptyBody })
}

/** Lets the registry forget what nobody will ask for. */
async function cancel({ wire, scopes, session }: Transfer): Promise<void> {
  if (session === undefined) return
  const signal = AbortSignal.timeout(cancelMs)
  const question = { purpose: 'DELETE upload', method: 'DELETE', path: session, scopes, signal }
  await wire.ask({ ...question, accept: [200, 202, 204, 404], isUpload: true }, () => {}).catch(() => {})
}

/** Anything but a bug: whoever pushes the blob by its digest will meet it again, and say what it is. */
function isOfTransfer(error: unknown): boolean {
  return error instanceof BadAnswer || error instanceof Failure || systemCode(error) !== undefined
}

/** What hosts show that know no PATCH, or none of this size. */
function learn(habits: LearnedHabits, error: unknown, size: number): void {
  if (!(error instanceof BadAnswer) || error.method !== 'PATCH') return
  if ([405, 501].includes(error.status)) habits.learn({ chunks: false })
  const smaller = error.status === 413 ? smallerBody(size) : undefined
  if (smaller !== undefined) habits.learn(withLargestBody(habits.known, smaller))
}

function tell({ wire, repository, content }: Transfer, error: unknown): void {
  wire.emit({
    kind: 'registry-retry',
    registry: wire.host,
    what: `push a layer of ${content.size} bytes to ${wire.host}/${repository} while it is hashed`,
    reason: reasonOf(error),
    attempt: 1,
    delayMs: 0,
    waitedMs: 0,
  })
}

function reasonOf(error: unknown): string {
  if (error instanceof BadAnswer) return String(error.status)
  return error instanceof Failure ? error.message : (systemCode(error) ?? String(error))
}
