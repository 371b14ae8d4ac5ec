/** Base images from registries: manifest and config by digest from the cache, else from the registry. */
import { join } from 'node:path'
import { readFile } from 'node:fs/promises'
import { Failure } from '../../base/index.ts'
import {
  digestHex,
  formatPlatform,
  formatReference,
  isIndexMediaType,
  isManifestMediaType,
  sha256,
  toOciMediaType,
  type Blob,
  type Descriptor,
  type ImageConfig,
  type Index,
  type Manifest,
  type Platform,
  type Reference,
} from '../../oci/index.ts'
import type { Registry } from '../../registry/index.ts'
import { writeFileAtomically } from '../../store/index.ts'
import type { BuiltLayer } from '../layers.ts'
import type { BaseImage } from './base-image.ts'
import { imageTree } from './image-tree.ts'
import { runsOn, selectManifest } from './select-manifest.ts'

export interface BaseOptions {
  readonly registry: (host: string) => Registry
  /** folder for manifests, configs and tree indexes, all named by digest */
  readonly cache: string
}

/** @throws Failure BASE_NOT_FOUND | BASE_PLATFORM | BASE_INVALID | REGISTRY_… */
export async function registryBase(
  reference: Reference,
  platform: Platform,
  options: BaseOptions,
): Promise<BaseImage> {
  const description = formatReference(reference)
  const registry = options.registry(reference.registry)
  const fetchJson = documentReader(reference, options)
  const top = await topDescriptor(registry, reference)
  let descriptor: Descriptor = top
  while (isIndexMediaType(descriptor.mediaType)) {
    descriptor = selectManifest((await fetchJson(descriptor)) as Index, platform, description)
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
  const manifest = (await fetchJson(descriptor)) as Manifest
  const config = (await fetchJson(manifest.config)) as ImageConfig
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
    digest: top.digest,
    config,
    layers,
    tree: () => imageTree(layers, description, options.cache),
  }
}

async function topDescriptor(registry: Registry, reference: Reference): Promise<Descriptor> {
  const name = reference.digest ?? reference.tag ?? 'latest'
  const head = await registry.headManifest(reference.repository, name)
  if (head) return head
  throw new Failure('BASE_NOT_FOUND', `base image ${formatReference(reference)} does not exist`, {
    hint: 'check the name and the tag, or build it in the same plan with "base: true"',
  })
}

/** Reads a manifest, index or config by descriptor; content is named by digest, so a cached copy is as good. */
function documentReader(
  reference: Reference,
  { registry, cache }: BaseOptions,
): (descriptor: Descriptor) => Promise<unknown> {
  return async (descriptor) => {
    const path = join(cache, 'documents', digestHex(descriptor.digest))
    const cached = await readFile(path).catch(() => undefined)
    if (cached !== undefined && sha256(cached) === descriptor.digest) return parse(cached, reference)
    const bytes = await fetchDocument(registry(reference.registry), reference, descriptor)
    await writeFileAtomically(path, bytes).catch(() => undefined)
    return parse(bytes, reference)
  }
}

async function fetchDocument(
  registry: Registry,
  reference: Reference,
  descriptor: Descriptor,
): Promise<Uint8Array> {
  if (isIndexMediaType(descriptor.mediaType) || isManifestMediaType(descriptor.mediaType)) {
    const found = await registry.getManifest(reference.repository, descriptor.digest)
    if (found) return found.bytes
    throw new Failure(
      'BASE_NOT_FOUND',
      `base image ${formatReference(reference)}: its registry lacks manifest ${descriptor.digest}`,
    )
  }
  const chunks: Uint8Array[] = []
  for await (const chunk of registry.openBlob(reference.repository, descriptor)()) chunks.push(chunk)
  return Buffer.concat(chunks)
}

function parse(bytes: Uint8Array, reference: Reference): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'))
  } catch (cause) {
    throw new Failure(
      'BASE_INVALID',
      `base image ${formatReference(reference)} has a document that is not JSON`,
      { cause },
    )
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
