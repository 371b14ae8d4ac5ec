/** Which layers a store has, told from the images in it: what it has need not be sent again. Pure. */
import { formatReference, parseReference, type Digest, type Reference } from '../../../oci/index.ts'
import type { BuiltPlatform } from '../../image.ts'
import type { EngineImageSummary } from './engine-client.ts'
import type { StoreKind } from './image-store.ts'

/** How many images are asked for their layers: more cost more than the layers they could spare. */
const mostRelatives = 48

export interface KnownLayers {
  /** Takes note of the layers of an image in the store, from the lowest up. */
  add(diffIds: readonly Digest[]): void
  /** The layers of a platform that the store lacks, by their digests in the manifest. */
  lackedBy(platform: BuiltPlatform): Digest[]
  forget(): void
}

/**
 * A graph driver knows a layer together with all below it, and does not open the file of one it knows. The others know
 * it by its content alone: containerd by the digest of the blob, which for what was sent without compression is the
 * diff id, podman by diff id. Whether that holds shows when the image is loaded.
 */
export function knownLayers(kind: StoreKind): KnownLayers {
  const known = new Set<string>()
  const keys = (diffIds: readonly Digest[]): string[] =>
    kind === 'graphdriver' ? diffIds.map((_, index) => diffIds.slice(0, index + 1).join(' ')) : [...diffIds]
  return {
    add(diffIds) {
      for (const key of keys(diffIds)) known.add(key)
    },
    lackedBy({ layers }) {
      const own = keys(layers.map(({ diffId }) => diffId))
      return layers.flatMap(({ blob }, index) => (known.has(own[index]!) ? [] : [blob.descriptor.digest]))
    },
    forget: () => known.clear(),
  }
}

/** The images that most likely share layers with one of such names: those of the same repositories, then the newest. */
export function relativesAmong(
  images: readonly EngineImageSummary[],
): (references: readonly Reference[]) => EngineImageSummary[] {
  const newestFirst = images.toSorted((a, b) => b.Created - a.Created)
  const named = newestFirst.flatMap((image) =>
    namesOf(image.RepoTags).map((name) => ({ image, repository: repositoryOf(parseReference(name)) })),
  )
  const byRepository = Map.groupBy(named, ({ repository }) => repository)
  return (references) => {
    const own = references.flatMap((reference) => byRepository.get(repositoryOf(reference)) ?? [])
    const related = own.map(({ image }) => image)
    return [...new Set([...related, ...newestFirst])].slice(0, mostRelatives)
  }
}

/** Full names out of a daemon's short ones, such as `web:1`; what is no name, such as `<none>:<none>`, is left out. */
export function namesOf(tags: readonly string[] | null | undefined): string[] {
  return (tags ?? []).flatMap((tag) => {
    try {
      return [formatReference(parseReference(tag))]
    } catch {
      return []
    }
  })
}

function repositoryOf({ registry, repository }: Reference): string {
  return `${registry}/${repository}`
}
