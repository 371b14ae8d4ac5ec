/** An image of a source as destinations take it: the same bytes under the same digests. */
import type { Blob, Descriptor, Reference } from '../../oci/index.ts'
import { bytesOpener } from '../../oci/index.ts'
import type { Referrer } from '../attest/referrer.ts'
import { emptyTree } from '../overlay.ts'
import type { BuiltImage, BuiltPlatform, ImageParts } from '../image.ts'
import type { ImageSource } from '../source/image-source.ts'
import type { ReadDocument, ReadImage, ReadManifest } from '../source/read-image.ts'

export interface CopiedNames {
  readonly references: readonly Reference[]
  readonly refNames?: readonly string[]
  /** what refers to it; default none */
  readonly referrers?: readonly Referrer[]
}

export function copiedImage(
  source: ImageSource,
  image: ReadImage,
  { referrers = [], ...names }: CopiedNames,
): BuiltImage {
  const top = documentBlob(image.top)
  const blobs = new Map<ReadManifest, Blob>(
    image.manifests.map((manifest) => [
      manifest,
      manifest.descriptor.digest === top.descriptor.digest ? top : documentBlob(manifest),
    ]),
  )
  const parts = image.manifests.map((manifest) => copiedPlatform(source, manifest, blobs.get(manifest)!))
  const others: ImageParts = {
    content: image.manifests.flatMap((manifest, index) =>
      parts[index] ? [] : contentBlobs(source, manifest),
    ),
    manifests: [
      ...image.manifests.flatMap((manifest, index) =>
        parts[index] || blobs.get(manifest) === top ? [] : [blobs.get(manifest)!],
      ),
      // A nested index names the ones read after it.
      ...image.indexes.map(documentBlob).toReversed(),
    ],
  }
  return {
    name: source.name.slice(source.name.lastIndexOf('/') + 1),
    variant: undefined,
    ...names,
    platforms: parts.filter((part) => part !== undefined),
    top,
    others: { ...others, referrers },
    seconds: 0,
  }
}

/** Nothing for what does not run, and for images whose layers may not be passed on (Windows). */
function copiedPlatform(
  source: ImageSource,
  { config, platform, value }: ReadManifest,
  manifest: Blob,
): BuiltPlatform | undefined {
  const diffIds = config?.value.rootfs?.diff_ids ?? []
  if (!config || !platform || diffIds.length !== value.layers.length || value.layers.some(isForeign))
    return undefined
  return {
    platform,
    config: { ...documentBlob(config), ...originOf(source) },
    manifest,
    layers: value.layers.map((layer, index) => ({
      blob: contentBlob(source, layer),
      diffId: diffIds[index]!,
      state: 'base',
      isProven: true,
    })),
    // Only a folder takes files out of an image, and a copy goes to none.
    tree: async () => emptyTree(source.name),
    seconds: 0,
  }
}

function contentBlobs(source: ImageSource, { config, value }: ReadManifest): Blob[] {
  const layers = value.layers.filter((layer) => !isForeign(layer)).map((layer) => contentBlob(source, layer))
  return [
    ...layers,
    config ? { ...documentBlob(config), ...originOf(source) } : contentBlob(source, value.config),
  ]
}

/** Layers that are fetched from elsewhere and not distributed (layer.md, "Non-Distributable Layers"). */
function isForeign({ mediaType, urls }: Descriptor): boolean {
  return /nondistributable|foreign/.test(mediaType) && (urls?.length ?? 0) > 0
}

function contentBlob(source: ImageSource, descriptor: Descriptor): Blob {
  return { descriptor, open: source.open(descriptor), ...originOf(source) }
}

function originOf({ origin }: ImageSource): Pick<Blob, 'origin'> {
  return origin ? { origin } : {}
}

function documentBlob({ descriptor, bytes }: ReadDocument<unknown>): Blob {
  return { descriptor, open: bytesOpener(bytes) }
}
