/**
 * The shelf of an embedded registry as a destination: images are put there as openers, and served from their sources
 * when somebody pulls them. Nothing is written, unless they are pinned.
 */
import { all } from '../../../base/index.ts'
import type { Blob, Descriptor, Digest } from '../../../oci/index.ts'
import type { Shelf } from '../../../registry/index.ts'
import { contentOf, referrersOf, type BuiltImage } from '../../image.ts'
import type { Destination, DestinationOptions } from '../destination.ts'
import type { Pin } from './pin.ts'
import { servedNames } from './served-names.ts'

export interface ShelfOptions {
  readonly shelf: Shelf
  /** address of the registry as references write it, such as `127.0.0.1:5050` */
  readonly host: string
  /** keeps the bytes; absent: the sources must stay as they are */
  readonly pin?: Pin | undefined
}

interface StagedImage {
  readonly image: BuiltImage
  /** manifests by digest: of platforms and of documents about them */
  readonly manifests: readonly Descriptor[]
  readonly digests: ReadonlySet<Digest>
}

/**
 * Destinations, one for each run, that share a shelf. What a name led to before its last move can still be pulled by
 * digest: a node may be in the middle of it.
 */
export function shelfDestinations({
  shelf,
  host,
  pin,
}: ShelfOptions): (options: DestinationOptions) => Destination {
  const name = `registry ${host}`
  const shown = new Map<Digest, Promise<boolean>>()
  /** what a name leads to, and what it led to before, by `repository:tag` */
  const named = new Map<string, readonly ReadonlySet<Digest>[]>()

  const forget = async (): Promise<void> => {
    const needed = new Set([...named.values()].flatMap((sets) => sets.flatMap((set) => [...set])))
    shelf.keep(needed)
    for (const digest of shown.keys()) {
      if (needed.has(digest)) continue
      shown.delete(digest)
      await pin?.drop(digest)
    }
  }

  return ({ emit, signal }) => {
    const staged: StagedImage[] = []
    const told = new Set<Digest>()

    /** Puts a blob on the shelf; false when it was there. */
    const show = (blob: Blob): Promise<boolean> => {
      const { digest, size } = blob.descriptor
      const known = shown.get(digest)
      if (known) {
        if (pin && !told.has(digest))
          emit({ kind: 'blob', destination: name, digest, bytes: size, state: 'exists' })
        told.add(digest)
        // The same bytes may have another source now, and the one from before be gone.
        if (!pin) shelf.add(blob)
        return known.then(() => false)
      }
      told.add(digest)
      const work = (async () => {
        if (!pin) shelf.add(blob)
        else if (blob.origin) shelf.add(pin.keepWhenRead(blob))
        else {
          const kept = await pin.keep(blob, { signal })
          shelf.add(kept.blob)
          emit({
            kind: 'blob',
            destination: name,
            digest,
            bytes: size,
            state: kept.isNew ? 'written' : 'exists',
          })
        }
        return true
      })()
      shown.set(digest, work)
      work.catch(() => shown.delete(digest))
      return work
    }
    return {
      name,
      takesReferrers: true,
      async stage(image) {
        const { content, manifests } = contentOf(image)
        const referrers = referrersOf(image)
        const blobs = [
          ...content,
          ...manifests,
          image.top,
          ...referrers.flatMap((referrer) => [...referrer.content, referrer.manifest]),
        ]
        const added: Descriptor[] = []
        await all(blobs, async (blob) => {
          if (await show(blob)) added.push(blob.descriptor)
        })
        staged.push({
          image,
          manifests: [...manifests, ...referrers.map(({ manifest }) => manifest)].map(
            ({ descriptor }) => descriptor,
          ),
          digests: new Set(blobs.map(({ descriptor }) => descriptor.digest)),
        })
        return added
      },
      async commit() {
        const references = new Map<string, Digest>()
        for (const { image, manifests, digests } of staged) {
          for (const { repository, tag } of image.references.flatMap(servedNames)) {
            const reference = `${repository}:${tag}`
            const { descriptor } = image.top
            const other = references.get(reference)
            if (other !== undefined && other !== descriptor.digest) {
              const message = `two images of this run are served as ${host}/${reference}; the last one is`
              emit({ kind: 'warning', message })
            }
            references.set(reference, descriptor.digest)
            for (const manifest of manifests) shelf.list(repository, manifest, [])
            shelf.list(repository, descriptor, [tag])
            const [before] = named.get(reference) ?? []
            if (before?.has(descriptor.digest) !== true)
              named.set(reference, [digests, ...(before ? [before] : [])])
          }
        }
        await forget()
        const published = [...references.keys()].filter((reference) => !reference.startsWith('library/'))
        emit({
          kind: 'published',
          destination: name,
          references: published.map((reference) => `${host}/${reference}`),
        })
      },
      abandon: forget,
    }
  }
}
