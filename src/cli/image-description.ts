/** What `slipway inspect --json` says of an image: a public contract, fields are only added. Pure but for referrers. */
import { all, Failure } from '../base/index.ts'
import type { ImageSource, ReadImage, ReadManifest } from '../build/index.ts'
import {
  formatPlatform,
  formatReference,
  layerCompression,
  type Descriptor,
  type Digest,
  type HistoryEntry,
  type RunConfig,
} from '../oci/index.ts'

export interface ImageDescription {
  /** where it was looked at */
  readonly name: string
  /** names it has there, for layouts, archives and daemons */
  readonly references: readonly string[]
  readonly digest: Digest
  readonly mediaType: string
  readonly artifactType?: string
  /** bytes of the manifest or index itself */
  readonly size: number
  readonly annotations: Readonly<Record<string, string>>
  /** images that run, in the order of the index */
  readonly platforms: readonly PlatformDescription[]
  /** attestations, charts, signatures and the like in the index */
  readonly artifacts: readonly Descriptor[]
  /** what has this image as its subject */
  readonly referrers: readonly Descriptor[]
  /** what is worth knowing of how it was read */
  readonly notes: readonly string[]
}

export interface PlatformDescription {
  /** such as `linux/arm64` */
  readonly platform: string
  readonly digest: Digest
  readonly mediaType: string
  readonly configDigest: Digest
  /** bytes of all layers as they are stored */
  readonly size: number
  readonly created: string | undefined
  readonly author: string | undefined
  readonly annotations: Readonly<Record<string, string>>
  /** how it is run, as the config has it */
  readonly config: RunConfig
  readonly layers: readonly LayerDescription[]
  /** steps that made no layer too */
  readonly history: readonly HistoryEntry[]
}

export interface LayerDescription {
  readonly digest: Digest
  readonly diffId: Digest | undefined
  readonly mediaType: string
  /** bytes as stored */
  readonly size: number
  readonly compression: 'none' | 'gzip' | 'zstd' | undefined
  readonly createdBy: string | undefined
  readonly annotations?: Readonly<Record<string, string>>
}

export function describeImage(
  source: Pick<ImageSource, 'name' | 'references'>,
  image: ReadImage,
  referrers: readonly Descriptor[],
): ImageDescription {
  const { descriptor, value } = image.top
  const running = image.manifests.flatMap((manifest) => describePlatform(manifest) ?? [])
  const artifacts = image.manifests.filter(({ config }) => config === undefined)
  const artifactType = 'artifactType' in value ? value.artifactType : undefined
  return {
    name: source.name,
    references: source.references.map((reference) => formatReference(reference)),
    digest: descriptor.digest,
    mediaType: value.mediaType ?? descriptor.mediaType,
    ...(artifactType !== undefined && { artifactType }),
    size: image.top.bytes.length,
    annotations: value.annotations ?? {},
    platforms: running,
    artifacts: artifacts.map((artifact) => artifact.descriptor),
    referrers,
    notes: image.notes,
  }
}

/**
 * Documents that refer to the image or to one of its manifests; none where the source has no lists of them.
 * `warn` is told when a registry does not say.
 */
export async function findReferrers(
  source: ImageSource,
  image: ReadImage,
  warn: (message: string) => void,
): Promise<Descriptor[]> {
  const { referrers } = source
  if (!referrers) return []
  const subjects = new Set([image.top, ...image.manifests].map(({ descriptor }) => descriptor.digest))
  const lists = await all(subjects, (subject) => referrers(subject)).catch((error: unknown) => {
    if (!(error instanceof Failure)) throw error
    warn(`what refers to the image is not known: ${error.message}`)
    return []
  })
  return [...new Map(lists.flat().map((descriptor) => [descriptor.digest, descriptor])).values()]
}

function describePlatform({
  descriptor,
  value,
  config,
  platform,
}: ReadManifest): PlatformDescription | undefined {
  if (!config) return undefined
  const { created, author, history = [], rootfs } = config.value
  const steps = history.filter(({ empty_layer: isEmpty }) => isEmpty !== true)
  return {
    platform: platform ? formatPlatform(platform) : 'unknown',
    digest: descriptor.digest,
    mediaType: value.mediaType ?? descriptor.mediaType,
    configDigest: value.config.digest,
    size: value.layers.reduce((sum, layer) => sum + layer.size, 0),
    created,
    author,
    annotations: value.annotations ?? {},
    config: config.value.config ?? {},
    layers: value.layers.map(({ digest, mediaType, size, annotations }, index) => ({
      digest,
      diffId: rootfs?.diff_ids?.[index],
      mediaType,
      size,
      compression: layerCompression(mediaType),
      createdBy: steps.length === value.layers.length ? steps[index]?.created_by : undefined,
      ...(annotations && { annotations }),
    })),
    history,
  }
}
