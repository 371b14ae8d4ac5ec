/** Blobs taken over from another repository of the same registry (distribution-spec "Mounting a blob from another repository"). */
import { Failure, isAbort, systemCode, type Waiting } from '../base/index.ts'
import type { Blob } from '../oci/index.ts'
import { BadAnswer } from './answer.ts'
import { withSealedSource, type LearnedHabits } from './habits.ts'
import { pushScope } from './scope.ts'
import { emptyBody, sessionOf, uploadsPath } from './upload.ts'
import type { Wire } from './wire.ts'

export interface MountOptions extends Waiting {
  /** repositories that hold the blob, the likeliest first */
  readonly mountFrom: readonly string[]
}

/**
 * The scopes of the target come first, for token servers that read only the first; a source that they do not cover, or
 * that the registry refuses, is not named again. Never fails but by abort: what cannot be mounted is uploaded, in the
 * session that the registry opened instead when it did.
 */
export async function mountBlob(
  { wire, habits }: { readonly wire: Wire; readonly habits: LearnedHabits },
  repository: string,
  { descriptor }: Blob,
  { mountFrom, signal }: MountOptions,
): Promise<'mounted' | { readonly session: string } | undefined> {
  for (const from of mountFrom) {
    const { mounts, sealedSources } = habits.known
    if (mounts === false) return undefined
    if (from === repository || sealedSources?.includes(from)) continue
    const query = `mount=${encodeURIComponent(descriptor.digest)}&from=${encodeURIComponent(from)}`
    try {
      return await wire.ask(
        {
          purpose: 'mount',
          method: 'POST',
          path: `${uploadsPath(repository)}?${query}`,
          scopes: [pushScope(repository), { repository: from, actions: ['pull'] }],
          body: emptyBody,
          accept: [201, 202],
          signal,
        },
        (response) => (response.status === 201 ? 'mounted' : { session: sessionOf(response) }),
      )
    } catch (error) {
      signal?.throwIfAborted()
      if (isAbort(error)) throw error
      if (error instanceof BadAnswer) learnRefusal(habits, from, error)
      else if (!(error instanceof Failure) && systemCode(error) === undefined) throw error
    }
  }
  return undefined
}

function learnRefusal(habits: LearnedHabits, from: string, { status }: BadAnswer): void {
  if (status === 405 || status === 501) habits.learn({ mounts: false })
  if (status === 401 || status === 403) habits.learn(withSealedSource(habits.known, from))
}
