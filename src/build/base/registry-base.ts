/** Base images from registries: manifest and config by digest from the cache, else from the registry. */
import { Failure } from '../../base/index.ts'
import {
  formatPlatform,
  formatReference,
  isIndexMediaType,
  isManifestMediaType,
  toOciMediaType,
  type Blob,
  type Digest,
  type ImageConfig,
  type Index,
  type Manifest,
  type Platform,
  type Reference,
} from '../../oci/index.ts'
import type { BuiltLayer } from '../layers.ts'
import { registryDocuments, type DocumentKind, type DocumentOptions } from '../source/registry-documents.ts'
import type { BaseImage } from './base-image.ts'
import { runsOn, selectManifest } from './select-manifest.ts'

export type BaseOptions = DocumentOptions

export const baseDocuments: DocumentKind = {
  noun: 'base image',
  missing: 'BASE_NOT_FOUND',
  invalid: 'BASE_INVALID',
  missingHint: 'check the name and the tag, or build it in the same plan with "base: true"',
}

/** What a name leads to, known beforehand: nothing is asked about the name. */
export interface BasePin {
  /** of the index, or of the manifest of a base without one */
  readonly digest: Digest
  /** of the manifest for the platform; default: looked up in the index */
  readonly manifest?: Digest | undefined
}

/**
 * A digest in the reference is a pin too.
 * @throws Failure BASE_NOT_FOUND | BASE_PLATFORM | BASE_INVALID | REGISTRY_…
 */
export async function registryBase(
  reference: Reference,
  platform: Platform,
  { pin, ...options }: BaseOptions & { readonly pin?: BasePin | undefined },
): Promise<BaseImage> {
  const description = formatReference(reference)
  const registry = options.registry(reference.registry)
  const documents = registryDocuments(reference, baseDocuments, options)
  const digest = pin?.digest ?? reference.digest
  const start = pin?.manifest ?? digest
  let descriptor = await (start === undefined ? documents.top() : documents.pinned(start))
  const top = digest ?? descriptor.digest
  while (isIndexMediaType(descriptor.mediaType)) {
    descriptor = selectManifest((await documents.read(descriptor)) as Index, platform, description)
  }
  if (!isManifestMediaType(descriptor.mediaType)) {
    throw new Failure(
      'BASE_INVALID',
      `base image ${description} has the media type ${descriptor.mediaType}, which is no image`,
      {
        hint: 'rebuild or convert it; Docker schema 1 images are not supported',
      },
    )
  }
  const manifest = (await documents.read(descriptor)) as Manifest
  const config = (await documents.read(manifest.config)) as ImageConfig
  checkPlatform(config, platform, description)
  const origin = { registry: reference.registry, repository: reference.repository }
  const layers = manifest.layers.map((layer, index): BuiltLayer => {
    const diffId = config.rootfs.diff_ids[index]
    if (diffId === undefined)
      throw new Failure('BASE_INVALID', `base image ${description} has more layers than diff ids`)
    const blob: Blob = {
      descriptor: { ...layer, mediaType: toOciMediaType(layer.mediaType) },
      open: registry.openBlob(reference.repository, layer),
      origin,
    }
    return { blob, diffId, state: 'base', isProven: true }
  })
  return {
    description,
    digest: top,
    manifestDigest: descriptor.digest,
    config,
    layers,
    async tree() {
      const { imageTree } = await import('./image-tree.ts')
      return imageTree(layers, description, options.cache)
    },
  }
}

function checkPlatform(config: ImageConfig, platform: Platform, description: string): void {
  const { os, architecture, variant } = config
  const actual: Platform = variant === undefined ? { os, architecture } : { os, architecture, variant }
  if (runsOn(actual, platform)) return
  throw new Failure(
    'BASE_PLATFORM',
    `base image ${description} is for ${formatPlatform(actual)}, not for ${formatPlatform(platform)}`,
    { hint: `use a base for ${formatPlatform(platform)}, or leave that platform out` },
  )
}
