/** One blob into one repository: asked for, mounted, or uploaded, whichever comes first (distribution-spec "Pushing blobs"). */
import { systemCode, type Waiting } from '../base/index.ts'
import type { Blob } from '../oci/index.ts'
import { BadAnswer } from './answer.ts'
import type { LearnedHabits } from './habits.ts'
import { mountBlob } from './mount.ts'
import { nameBlob } from './names.ts'
import { hasBlob } from './pull-blob.ts'
import { RegistryFailure } from './registry-failure.ts'
import { pushScope } from './scope.ts'
import { sendBlob } from './upload-ladder.ts'
import type { Upload } from './upload.ts'
import { watchSource } from './watched-source.ts'
import type { Wire } from './wire.ts'

export interface PushBlobOptions extends Waiting {
  /** repositories of the same registry that hold the blob, the likeliest first; default none */
  readonly mountFrom?: readonly string[]
  /** the caller knows that the blob is not there; default false */
  readonly skipHead?: boolean
}

/** How the blob came to be there. */
export type PushedBlob = 'exists' | 'mounted' | 'uploaded'

export interface PushContext {
  readonly wire: Wire
  readonly habits: LearnedHabits
}

const progressEveryMs = 100

export async function pushBlob(
  context: PushContext,
  repository: string,
  blob: Blob,
  options: PushBlobOptions,
): Promise<PushedBlob> {
  const { skipHead = false, mountFrom = [] } = options
  const signal = context.wire.signalFor(options.signal)
  if (!skipHead && (await isThere(context.wire, repository, blob, signal))) return 'exists'
  await context.habits.ready()
  const mount = await mountBlob(context, repository, blob, { mountFrom, signal })
  if (mount === 'mounted') return mount
  await context.wire.pace.upload(() =>
    uploadBlob(context, repository, blob, { session: mount?.session, signal }),
  )
  return 'uploaded'
}

/** Some registries answer 401 or 403 to a HEAD of what is not there; the upload will tell. */
async function isThere(
  wire: Wire,
  repository: string,
  { descriptor }: Blob,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  try {
    return await hasBlob(wire, repository, descriptor.digest, { scopes: [pushScope(repository)], signal })
  } catch (error) {
    if (error instanceof RegistryFailure && error.code === 'REGISTRY_UNAUTHORIZED') return false
    throw error
  }
}

async function uploadBlob(
  { wire, habits }: PushContext,
  repository: string,
  { descriptor, open }: Blob,
  options: { session: string | undefined; signal: AbortSignal | undefined },
): Promise<void> {
  const progress = newProgress(wire, repository, descriptor)
  const source = watchSource(open)
  const upload: Upload = {
    wire,
    habits,
    repository,
    descriptor,
    open: source.open,
    scopes: [pushScope(repository)],
    progress,
    session: options.session,
    chunked: undefined,
    tooLarge: undefined,
    chunksRefused: false,
  }
  let kept = 0
  let mayHaveArrived = false
  try {
    await wire.undertake(
      {
        what: `push ${nameBlob(descriptor)} to ${wire.host}/${repository}`,
        repository,
        access: 'write',
      },
      async (signal, attempt) => {
        if (mayHaveArrived && (await hasArrived(upload, signal))) return
        progress.restart()
        source.restart()
        try {
          await sendBlob(upload, { signal, attempt })
        } catch (error) {
          mayHaveArrived = descriptor.size >= worthAsking && progress.isComplete() && isAnswerLost(error)
          throw error
        }
      },
      {
        signal: options.signal,
        hasProgressed() {
          const before = kept
          kept = Math.max(kept, upload.chunked?.position ?? 0)
          return kept > before
        },
      },
    )
  } catch (error) {
    // What the source says about itself is better than what we would make of it.
    throw source.error() ?? error
  }
}

/** Bytes from which on a question costs less than sending the blob again. */
const worthAsking = 64 * 1024

/**
 * Whether the registry may have stored what it was sent, although it did not say so: the connection broke, a proxy gave
 * up waiting, or the session is gone because an answer was lost before.
 */
function isAnswerLost(error: unknown): boolean {
  return error instanceof BadAnswer
    ? ![408, 429, 503].includes(error.status)
    : systemCode(error) !== undefined
}

/** Asked once before the whole blob is sent again; any other answer than yes is as good as no. */
async function hasArrived(upload: Upload, signal: AbortSignal | undefined): Promise<boolean> {
  const { wire, repository, descriptor, scopes } = upload
  const head = { purpose: 'HEAD blob', method: 'HEAD', path: `/v2/${repository}/blobs/${descriptor.digest}` }
  try {
    return await wire.ask(
      { ...head, scopes, accept: [200, 404], signal },
      (response) => response.status === 200,
    )
  } catch (error) {
    if (error instanceof BadAnswer || systemCode(error) !== undefined) return false
    throw error
  }
}

function newProgress(wire: Wire, repository: string, { digest, size }: Blob['descriptor']) {
  let sent = 0
  let emittedAt = 0
  const restart = (position = 0) => {
    sent = position
  }
  const add = (count: number) => {
    sent += count
    const now = wire.clock.now()
    if (sent < size && now - emittedAt < progressEveryMs) return
    emittedAt = now
    wire.emit({ kind: 'upload-progress', registry: wire.host, repository, digest, sent, size })
  }
  return { restart, add, isComplete: () => sent >= size }
}
