/** The list of a repository's manifests and how tags change it. Pure. */
import type { Descriptor, Digest } from '../../oci/index.ts'

const refName = 'org.opencontainers.image.ref.name'

export function tagOfEntry({ annotations }: Descriptor): string | undefined {
  return annotations?.[refName]
}

/** All tags in byte order. */
export function tagsOf(manifests: readonly Descriptor[]): string[] {
  const tags = manifests.map(tagOfEntry).filter((tag) => tag !== undefined)
  return [...new Set(tags)].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
}

export function findManifest(
  manifests: readonly Descriptor[],
  reference: { readonly tag: string } | { readonly digest: Digest },
): Descriptor | undefined {
  return manifests.find((entry) =>
    'tag' in reference ? tagOfEntry(entry) === reference.tag : entry.digest === reference.digest,
  )
}

/** With the manifest under all the tags, or under none; what a tag pointed at before stays as a manifest without it. */
export function withManifest(
  manifests: readonly Descriptor[],
  descriptor: Descriptor,
  tags: readonly string[],
): Descriptor[] {
  const before = tags.reduce<readonly Descriptor[]>(withoutTag, manifests)
  const plain = { mediaType: descriptor.mediaType, digest: descriptor.digest, size: descriptor.size }
  const others = before.filter((entry) => entry.digest !== plain.digest || tagOfEntry(entry) !== undefined)
  if (tags.length > 0)
    return [...others, ...tags.map((tag) => ({ ...plain, annotations: { [refName]: tag } }))]
  return others.some((entry) => entry.digest === plain.digest) ? others : [...others, plain]
}

/** Without the tag; its manifest stays. */
export function withoutTag(manifests: readonly Descriptor[], tag: string): Descriptor[] {
  const tagged = manifests.find((entry) => tagOfEntry(entry) === tag)
  if (!tagged) return [...manifests]
  const rest = manifests.filter((entry) => entry !== tagged)
  if (rest.some((entry) => entry.digest === tagged.digest)) return rest
  const { mediaType, digest, size } = tagged
  return [...rest, { mediaType, digest, size }]
}

/** Without the manifest and all its tags. */
export function withoutManifest(manifests: readonly Descriptor[], digest: Digest): Descriptor[] {
  return manifests.filter((entry) => entry.digest !== digest)
}
