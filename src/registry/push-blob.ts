/** One blob into one repository: asked for, mounted, or uploaded, whichever comes first (distribution-spec "Pushing blobs"). */
import { Failure, isAbort, systemCode, type Limit, type Waiting } from '../base/index.ts'
import type { Blob, Opener } from '../oci/index.ts'
import { BadAnswer } from './answer.ts'
import { nameBlob } from './names.ts'
import { hasBlob } from './pull-blob.ts'
import { RegistryFailure } from './registry-failure.ts'
import type { Scope } from './scope.ts'
import { emptyBody, sessionOf, uploadVerbs, type HostHabits } from './upload.ts'
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
  readonly habits: HostHabits
  readonly uploads: Limit
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
  const mount = await mountBlob(context, repository, blob, { mountFrom, signal })
  if (mount === 'mounted') return mount
  await context.uploads(() => uploadBlob(context, repository, blob, { session: mount?.session, signal }))
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

/** Never fails but by abort: what cannot be mounted is uploaded. */
async function mountBlob(
  { wire, habits }: PushContext,
  repository: string,
  { descriptor }: Blob,
  { mountFrom, signal }: { mountFrom: readonly string[]; signal: AbortSignal | undefined },
): Promise<'mounted' | { session: string } | undefined> {
  for (const from of mountFrom) {
    if (!habits.mounts) return undefined
    if (from === repository) continue
    try {
      return await wire.ask(
        {
          purpose: 'mount',
          method: 'POST',
          path: `/v2/${repository}/blobs/uploads/?mount=${encodeURIComponent(descriptor.digest)}&from=${encodeURIComponent(from)}`,
          scopes: [pushScope(repository), { repository: from, actions: ['pull'] }],
          body: emptyBody,
          accept: [201, 202],
          signal,
        },
        (response) => (response.status === 201 ? 'mounted' : { session: sessionOf(response, descriptor) }),
      )
    } catch (error) {
      signal?.throwIfAborted()
      if (isAbort(error)) throw error
      const isExpected =
        error instanceof BadAnswer || error instanceof Failure || systemCode(error) !== undefined
      if (!isExpected) throw error
      if (error instanceof BadAnswer && (error.status === 405 || error.status === 501)) habits.mounts = false
    }
  }
  return undefined
}

async function uploadBlob(
  { wire, habits }: PushContext,
  repository: string,
  { descriptor, open }: Blob,
  options: { session: string | undefined; signal: AbortSignal | undefined },
): Promise<void> {
  const progress = newProgress(wire, repository, descriptor)
  const source = watchSource(open)
  let { session } = options
  try {
    await wire.undertake(
      {
        what: `push ${nameBlob(descriptor)} to ${wire.host}/${repository}`,
        repository,
        access: 'write',
      },
      async (signal) => {
        progress.restart()
        source.restart()
        const upload = { wire, repository, descriptor, session, signal, scopes: [pushScope(repository)] }
        session = undefined
        const body = { size: descriptor.size, open: source.open }
        await uploadVerbs[habits.uploadVerb]({ ...upload, body, onBytes: progress.add })
      },
      { signal: options.signal },
    )
  } catch (error) {
    // What the source says about itself is better than what we would make of it.
    throw source.error() ?? error
  }
}

function newProgress(wire: Wire, repository: string, { digest, size }: Blob['descriptor']) {
  let sent = 0
  let emittedAt = 0
  const restart = () => {
    sent = 0
  }
  const add = (count: number) => {
    sent += count
    const now = wire.clock.now()
    if (sent < size && now - emittedAt < progressEveryMs) return
    emittedAt = now
    wire.emit({ kind: 'upload-progress', registry: wire.host, repository, digest, sent, size })
  }
  return { restart, add }
}

/** The opener, with the error that its last pass ended in. */
function watchSource(open: Opener): {
  readonly open: Opener
  readonly error: () => unknown
  readonly restart: () => void
} {
  let failed: unknown
  return {
    async *open(options) {
      try {
        yield* open(options)
      } catch (error) {
        failed = error
        throw error
      }
    },
    error: () => failed,
    restart() {
      failed = undefined
    },
  }
}

function pushScope(repository: string): Scope {
  return { repository, actions: ['pull', 'push'] }
}
