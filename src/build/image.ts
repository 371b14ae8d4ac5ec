/** Images as documents: configs, manifests and indexes from layers. Pure. */
import {
  jsonBlob,
  mediaTypes,
  type Blob,
  type Descriptor,
  type Digest,
  type ImageConfig,
  type Index,
  type Manifest,
  type Platform,
  type Reference,
} from '../oci/index.ts'
import { readAnnotations, type Annotations } from './annotations.ts'
import type { Referrer } from './attest/referrer.ts'
import type { Material } from './attest/provenance/material.ts'
import type { BuiltLayer } from './layers.ts'
import type { Tree } from './tree.ts'

/** One image on one platform. */
export interface BuiltPlatform {
  readonly platform: Platform
  readonly config: Blob
  readonly manifest: Blob
  readonly layers: readonly BuiltLayer[]
  /** its file system, all layers merged */
  readonly tree: () => Promise<Tree>
  /** from evaluation of its first instruction to its manifest */
  readonly seconds: number
  /** bases and remote sources it was made from; default: none */
  readonly materials?: readonly Material[]
  /** the documents about it, for the manifest as a destination has it; absent: none were asked for */
  readonly referrers?: (manifest: Descriptor) => readonly Referrer[]
}

/** One image in one variant, ready for destinations. */
export interface BuiltImage {
  readonly name: string
  readonly variant: string | undefined
  readonly references: readonly Reference[]
  readonly platforms: readonly BuiltPlatform[]
  /** the manifest of the only platform, or an index of all */
  readonly top: Blob
  readonly seconds: number
  /** it will be signed, so it must be where it goes before its names are */
  readonly isSigned?: boolean
  /** what a copied image has besides images that run: nested indexes, attestations, artifacts */
  readonly others?: ImageParts & { readonly referrers?: readonly Referrer[] }
  /** names in the index of a layout, as they are; default: the full references */
  readonly refNames?: readonly string[]
}

/** The manifest and config blobs of one platform (manifest.md). */
export function assembleManifest(
  config: ImageConfig,
  layers: readonly BuiltLayer[],
  annotations: Readonly<Record<string, string>> = {},
): { config: Blob; manifest: Blob } {
  const configBlob = jsonBlob(mediaTypes.config, config)
  const manifest: Manifest = {
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    config: configBlob.descriptor,
    layers: layers.map(({ blob }) => blob.descriptor),
    ...annotated(annotations),
  }
  return { config: configBlob, manifest: jsonBlob(mediaTypes.manifest, manifest) }
}

/** What a tag points at: the manifest itself for one platform, else an index of all (image-index.md). */
export function assembleTop(
  platforms: readonly BuiltPlatform[],
  annotations: Annotations = readAnnotations({}),
): Blob {
  const [only, ...rest] = platforms
  if (only !== undefined && rest.length === 0) return only.manifest
  const manifests = platforms.map(({ manifest, platform }): Descriptor => ({
    ...manifest.descriptor,
    platform,
    ...annotated(annotations.at('manifest-descriptor', platform)),
  }))
  const index: Index = {
    schemaVersion: 2,
    mediaType: mediaTypes.index,
    manifests,
    ...annotated(annotations.at('index')),
  }
  return jsonBlob(mediaTypes.index, index)
}

/** The documents about an image, with its manifests as they are here. */
export function referrersOf(image: BuiltImage): Referrer[] {
  return [
    ...image.platforms.flatMap(({ referrers, manifest }) => referrers?.(manifest.descriptor) ?? []),
    ...(image.others?.referrers ?? []),
  ]
}

function annotated(annotations: Readonly<Record<string, string>>): Pick<Manifest, 'annotations'> {
  return Object.keys(annotations).length > 0 ? { annotations } : {}
}

/** Blobs in the order they may be written: manifests name content. */
export interface ImageParts {
  /** layers and configs: what must be there before a manifest may name it */
  readonly content: readonly Blob[]
  /** manifests and nested indexes, without the top */
  readonly manifests: readonly Blob[]
}

/** What a destination needs of one image, each blob once. */
export interface ImageContent extends ImageParts {
  /** digests of content that must be hashed again when it is written */
  readonly unproven: ReadonlySet<Digest>
}

export function contentOf(image: BuiltImage): ImageContent {
  const content = new Map<Digest, Blob>()
  const manifests = new Map<Digest, Blob>()
  const unproven = new Set<Digest>()
  for (const platform of image.platforms) {
    for (const { blob, isProven } of platform.layers) {
      content.set(blob.descriptor.digest, blob)
      if (!isProven) unproven.add(blob.descriptor.digest)
    }
    content.set(platform.config.descriptor.digest, platform.config)
    if (platform.manifest !== image.top) manifests.set(platform.manifest.descriptor.digest, platform.manifest)
  }
  for (const blob of image.others?.content ?? []) content.set(blob.descriptor.digest, blob)
  for (const blob of image.others?.manifests ?? []) manifests.set(blob.descriptor.digest, blob)
  return { content: [...content.values()], manifests: [...manifests.values()], unproven }
}
