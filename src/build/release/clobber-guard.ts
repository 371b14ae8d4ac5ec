/**
 * `--no-clobber`: a name that leads to another image keeps it. All names of a run are looked up in one wave at its start,
 * while images are built. Where none is taken nothing waits; else nothing is sent anywhere before every image with a
 * taken name is built and compared. The name `latest` may always move.
 */
import { all, Failure, type Waiting } from '../../base/index.ts'
import { formatReference, parseReference, type Digest, type Reference } from '../../oci/index.ts'
import type { Destination } from '../dest/destination.ts'
import type { BuiltImage } from '../image.ts'
import type { ResolvedImage } from '../plan/model.ts'
import type { NoClobber } from '../plan/release-rules.ts'

export interface ClobberGuard {
  /** Resolves when no image of the run would take a name from another. @throws Failure TAG_EXISTS with all such names */
  admit(image: ResolvedImage, built: BuiltImage): Promise<void>
  /** Looks all names up again, if that is asked for. @throws Failure TAG_EXISTS */
  recheck(images: readonly BuiltImage[]): Promise<void>
}

export interface GuardOptions extends Waiting {
  readonly mode: NoClobber
  readonly destinations: readonly Destination[]
  /** where an image goes, some of `destinations`; default: to all of them */
  readonly destinationsOf?: ((image: ResolvedImage) => readonly Destination[]) | undefined
  /** names cannot be looked up */
  readonly onFailure: (error: unknown) => void
  readonly warn: (message: string) => void
}

interface TakenName {
  readonly destination: Destination
  readonly reference: Reference
  readonly there: Digest
}

interface Conflict {
  readonly name: string
  readonly there: Digest
  readonly here: Digest
}

/** Looks names up at once. Only destinations that share their names with others, such as registries, are asked. */
export function guardNames(images: readonly ResolvedImage[], options: GuardOptions): ClobberGuard {
  const { mode, signal, onFailure, warn } = options
  const destinations = options.destinations.filter(({ names }) => names !== undefined)
  const references = new Map(
    images.map((image) => [image, guarded(image.tags.map((tag) => parseReference(tag)))]),
  )
  const count = [...references.values()].reduce((sum, list) => sum + list.length, 0)
  if (destinations.length === 0) warn('--no-clobber checks nothing: only names in registries are checked')
  else if (count === 0) warn('--no-clobber checks nothing: every tag is "latest", which may always move')

  const wave = all(images, async (image) => {
    const own = options.destinationsOf?.(image) ?? destinations
    const asked = destinations.filter((destination) => own.includes(destination))
    return [image, await takenNames(asked, references.get(image)!)] as const
  })
  const gate = Promise.withResolvers<void>()
  const conflicts: Conflict[] = []
  const pending = new Map<ResolvedImage, readonly TakenName[]>()
  const stop = (): void => gate.reject(signal?.reason)
  signal?.addEventListener('abort', stop, { once: true })
  gate.promise.catch(() => undefined)
  const open = (): void => {
    if (pending.size > 0) return
    signal?.removeEventListener('abort', stop)
    if (conflicts.length === 0) gate.resolve()
    else gate.reject(refusal(conflicts, count))
  }
  const start = wave.then((taken) => {
    for (const [image, names] of taken) if (names.length > 0) pending.set(image, names)
    open()
  })
  start.catch((error: unknown) => {
    gate.reject(error)
    onFailure(error)
  })
  return {
    async admit(image, built) {
      await start
      const names = pending.get(image)
      if (names) {
        conflicts.push(...(await compare(names, built)))
        pending.delete(image)
        open()
      }
      await gate.promise
    },
    async recheck(built) {
      if (mode !== 'strict') return
      const found = await all(built, async (image) => {
        const names = await takenNames(destinations, guarded(image.references), { isFresh: true })
        return compare(names, image)
      })
      if (found.flat().length > 0) throw refusal(found.flat(), count)
    },
  }
}

function guarded(references: readonly Reference[]): Reference[] {
  return references.filter(({ tag }) => tag !== undefined && tag !== 'latest')
}

async function takenNames(
  destinations: readonly Destination[],
  references: readonly Reference[],
  options: { readonly isFresh?: boolean } = {},
): Promise<TakenName[]> {
  const found = await all(destinations, async (destination) =>
    all(references, async (reference) => {
      const there = await destination.names!.find(reference, options)
      return there === undefined ? [] : [{ destination, reference, there }]
    }),
  )
  return found.flat(2)
}

async function compare(names: readonly TakenName[], image: BuiltImage): Promise<Conflict[]> {
  const compared = await all(names, async ({ destination, reference, there }) => {
    const here = await destination.names!.digestOf(image, reference)
    return here === there ? [] : [{ name: formatReference(reference), there, here }]
  })
  return compared.flat()
}

function refusal(conflicts: readonly Conflict[], count: number): Failure {
  const sorted = conflicts.toSorted((a, b) => (a.name < b.name ? -1 : 1))
  const verb = sorted.length === 1 ? 'leads' : 'lead'
  return new Failure(
    'TAG_EXISTS',
    `${sorted.length} of ${count} names ${verb} to another image already; nothing was sent`,
    {
      output: sorted.map(({ name, there, here }) => `${name}\n  there ${there}\n  here  ${here}`).join('\n'),
      hint: 'choose another tag, or let the names move: --no-clobber=off',
    },
  )
}
