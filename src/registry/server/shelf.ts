/**
 * Images that exist only as openers: the registry serves their blobs straight from what they are made of. What is
 * pushed goes to the store behind the shelf, if there is one.
 */
import type { Blob, Descriptor, Digest, RegistryStore, StoredBlob } from '../../oci/index.ts'
import { tagOfEntry, withManifest } from './listing.ts'

export interface Shelf extends RegistryStore {
  /** From now on the blob can be pulled from every repository; it is opened when somebody does. */
  readonly add: (blob: Blob) => void
  /** Lists a manifest that was added in a repository, under all the tags, which leave what they pointed at. */
  readonly list: (repository: string, manifest: Descriptor, tags: readonly string[]) => void
  /** Forgets every blob that no listed manifest was kept for. */
  readonly keep: (digests: ReadonlySet<Digest>) => void
}

export function newShelf(behind?: RegistryStore): Shelf {
  const blobs = new Map<Digest, StoredBlob>()
  const lists = new Map<string, readonly Descriptor[]>()
  return {
    add({ descriptor, open, check }) {
      blobs.set(descriptor.digest, { size: descriptor.size, open, ...(check && { check }) })
    },
    list(repository, manifest, tags) {
      lists.set(repository, withManifest(lists.get(repository) ?? [], manifest, tags))
    },
    keep(digests) {
      for (const digest of blobs.keys()) if (!digests.has(digest)) blobs.delete(digest)
      for (const [repository, list] of lists) {
        lists.set(
          repository,
          list.filter(({ digest }) => digests.has(digest)),
        )
      }
    },
    blob: async (digest) => blobs.get(digest) ?? behind?.blob(digest),
    async manifests(repository) {
      const own = lists.get(repository)
      const others = await behind?.manifests(repository)
      if (!own || !others) return own ?? others
      // A name that was just built beats one that was pushed.
      const names = new Set(own.map(tagOfEntry))
      return [
        ...own,
        ...others.filter((entry) => tagOfEntry(entry) === undefined || !names.has(tagOfEntry(entry))),
      ]
    },
    ...(behind?.writer && { writer: behind.writer }),
  }
}
