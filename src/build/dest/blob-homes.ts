/**
 * Which repositories hold a blob or manifest: those whose name leads to an image that has it, and those that this run
 * brought it to. Another repository of the same registry can mount it from there.
 */
import type { Digest, Reference } from '../../oci/index.ts'

type Repository = Pick<Reference, 'registry' | 'repository'>

export interface BlobHomes {
  readonly note: (repository: Repository, digests: Iterable<Digest>) => void
  /** whether the repository itself was noted for it */
  readonly holds: (repository: Repository, digest: Digest) => boolean
  /** a repository of the registry that holds it, or will as soon as it has arrived there */
  readonly find: (registry: string, digest: Digest) => Promise<string> | undefined
  /** the blob is on its way to the repository; when it does not arrive, the next one is the first again */
  readonly expect: (repository: Repository, digest: Digest, arrival: Promise<unknown>) => void
}

export function newBlobHomes(): BlobHomes {
  const held = new Set<string>()
  const homes = new Map<string, Promise<string>>()
  const placeOf = ({ registry, repository }: Repository, digest: Digest) =>
    `${registry}/${repository} ${digest}`
  return {
    note(place, digests) {
      for (const digest of digests) {
        held.add(placeOf(place, digest))
        const key = `${place.registry} ${digest}`
        if (!homes.has(key)) homes.set(key, Promise.resolve(place.repository))
      }
    },
    holds: (place, digest) => held.has(placeOf(place, digest)),
    find: (registry, digest) => homes.get(`${registry} ${digest}`),
    expect({ registry, repository }, digest, arrival) {
      const key = `${registry} ${digest}`
      const home = arrival.then(() => repository)
      homes.set(key, home)
      home.catch(() => homes.delete(key))
    },
  }
}
