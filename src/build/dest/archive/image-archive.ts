/**
 * Images as the members of a tar: an OCI layout (image-layout.md) and, for Docker daemons of any age, the `manifest.json`
 * of `docker save` beside it, which names the same blobs. Pure.
 */
import { comparePathnames } from '../../../base/index.ts'
import {
  bytesBlob,
  digestAlgorithm,
  digestHex,
  encodeJson,
  formatReference,
  mediaTypes,
  samePlatform,
  type Blob,
  type Descriptor,
  type Digest,
  type Platform,
} from '../../../oci/index.ts'
import { contentOf, type BuiltImage, type BuiltPlatform } from '../../image.ts'
import { namedDescriptors } from '../named-descriptors.ts'
import type { TarMember } from './tar-members.ts'

export interface ArchiveOptions {
  /** `oci`: a layout; `docker`: the same with a `manifest.json` */
  readonly format: 'oci' | 'docker'
  /** which platform of several `manifest.json` names */
  readonly platform: Platform
  /** blobs that the reader has and that are left out; default none */
  readonly omit?: ReadonlySet<Digest>
  /** leave out the names of the images; default false */
  readonly isNameless?: boolean
}

export interface ImageArchive {
  /** directories and blobs in the order of their paths */
  readonly content: readonly TarMember[]
  /** what makes it an archive of images, to be written last */
  readonly documents: readonly TarMember[]
}

/** The same images in whatever order give the same archive. */
export function imageArchive(images: readonly BuiltImage[], options: ArchiveOptions): ImageArchive {
  const blobs = new Map<Digest, TarMember>()
  for (const image of images) {
    const { content, manifests, unproven } = contentOf(image)
    for (const blob of [...content, ...manifests, image.top]) {
      const { digest } = blob.descriptor
      if (options.omit?.has(digest)) continue
      blobs.set(digest, { path: blobPath(digest), blob, isUnproven: unproven.has(digest) })
    }
  }
  const algorithms = new Set([...blobs.keys()].map((digest) => `blobs/${digestAlgorithm(digest)}`))
  const content = [...['blobs', ...algorithms].map(directory), ...blobs.values()]
  return {
    content: content.toSorted((a, b) => comparePathnames(a.path, b.path)),
    documents: [
      document('index.json', indexOf(images, options)),
      ...(options.format === 'docker' ? [document('manifest.json', dockerManifest(images, options))] : []),
      document('oci-layout', { imageLayoutVersion: '1.0.0' }),
    ],
  }
}

/** The platform an archive of Docker's names: the one asked for, else the first. */
export function chosenPlatform({ platforms }: BuiltImage, wanted: Platform): BuiltPlatform {
  return platforms.find(({ platform }) => samePlatform(wanted, platform)) ?? platforms[0]!
}

function indexOf(images: readonly BuiltImage[], { isNameless }: ArchiveOptions) {
  const manifests = images.flatMap((image): readonly Descriptor[] =>
    isNameless ? [image.top.descriptor] : namedDescriptors(image),
  )
  const keyed = new Map(manifests.map((manifest) => [JSON.stringify(manifest), manifest]))
  return {
    schemaVersion: 2,
    mediaType: mediaTypes.index,
    manifests: [...keyed].toSorted(([a], [b]) => comparePathnames(a, b)).map(([, manifest]) => manifest),
  }
}

/** One item for an image, as `docker save` writes them: RepoTags are full names with a tag. */
function dockerManifest(images: readonly BuiltImage[], { platform, isNameless }: ArchiveOptions) {
  const items = images.map((image) => {
    const { config, layers } = chosenPlatform(image, platform)
    const names = image.references.map((reference) => formatReference(reference))
    return {
      Config: blobPath(config.descriptor.digest),
      RepoTags: isNameless ? [] : names.toSorted(comparePathnames),
      Layers: layers.map(({ blob }) => blobPath(blob.descriptor.digest)),
    }
  })
  return items.toSorted((a, b) => comparePathnames(JSON.stringify(a), JSON.stringify(b)))
}

function document(path: string, value: unknown): TarMember {
  const blob: Blob = bytesBlob('application/json', encodeJson(value))
  return { path, blob }
}

function directory(path: string): TarMember {
  return { path, blob: undefined }
}

function blobPath(digest: Digest): string {
  return `blobs/${digestAlgorithm(digest)}/${digestHex(digest)}`
}
