/**
 * Layers on their way to a registry while they are hashed. A stream cannot ask first whether the bytes are there, so it
 * is for layers of which that is next to certain (docs/adr/0020-upload-while-hashing.md); all others are hashed first.
 */
import { largestFirst, once, type Waiting } from '../../base/index.ts'
import type { Digest, Reference } from '../../oci/index.ts'
import { isNearby, RegistryFailure, type Registry } from '../../registry/index.ts'
import type { BlobHomes } from './blob-homes.ts'
import type { SharedNames, UnhashedLayer } from './destination.ts'
import type { KnownImages } from './known-images.ts'

export interface RegistryStreamsOptions extends Waiting {
  readonly registry: (host: string) => Registry
  readonly names: SharedNames
  readonly known: KnownImages
  readonly homes: BlobHomes
  /** the bytes are in the repository, and came there for it */
  readonly onUploaded: (repository: Reference, digest: Digest, bytes: number) => void
}

/** As many as a registry client uploads at once. */
const streamsAtOnce = 8

export function newRegistryStreams(
  options: RegistryStreamsOptions,
): (layer: UnhashedLayer, references: readonly Reference[]) => Promise<Digest | undefined> {
  const { registry, names, known, homes, signal } = options
  const inTurn = largestFirst(streamsAtOnce)
  const unused = once<string, boolean>()

  /** Whether what a name leads to, and the repository behind it, cannot have the layer. */
  const lacks = async (reference: Reference, { past }: UnhashedLayer): Promise<boolean> => {
    const top = await names.find(reference)
    // An image that this machine pushed last was made of what this machine knows.
    if (top !== undefined) return past === 'other sizes' && known.content(top).size > 0
    const { registry: host, repository } = reference
    return unused(`${host}/${repository}`, () => registry(host).isUnused(repository, { signal }))
  }

  return async (layer, references) => {
    const [home] = references
    if (!home || !isNearby(home.registry)) return undefined
    const here = references.filter((reference) => reference.registry === home.registry)
    try {
      for (const reference of here) if (!(await lacks(reference, layer))) return undefined
    } catch (error) {
      // Whoever puts the image in place will ask again, and say what is wrong.
      if (error instanceof RegistryFailure) return undefined
      throw error
    }
    return inTurn(layer.size, async () => {
      const isWanted = (digest: Digest) => homes.find(home.registry, digest) === undefined
      const streamed = await registry(home.registry).streamBlob(home.repository, layer, { signal, isWanted })
      const digest = layer.digest()
      if (streamed === 'uploaded') options.onUploaded(home, digest!, layer.size)
      return streamed === 'refused' ? undefined : digest
    })
  }
}
