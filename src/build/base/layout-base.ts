/** A base image from an OCI layout on this machine. */
import { relative } from 'node:path'
import { Failure } from '../../base/index.ts'
import {
  isIndexMediaType,
  isManifestMediaType,
  toOciMediaType,
  type Descriptor,
  type ImageConfig,
  type Index,
  type Manifest,
  type Platform,
} from '../../oci/index.ts'
import type { BuiltLayer } from '../layers.ts'
import type { ImageSource } from '../source/image-source.ts'
import { folderFiles, layoutSource } from '../source/layout-source.ts'
import type { BaseImage } from './base-image.ts'
import { imageTree } from './image-tree.ts'
import { parseLayoutContext } from './layout-context.ts'
import { selectManifest } from './select-manifest.ts'

/** @throws Failure BASE_INVALID | BASE_PLATFORM | IMAGE_NOT_FOUND | IMAGE_INVALID | FILE_SYSTEM */
export async function layoutBase(
  value: string,
  platform: Platform,
  { cache }: { readonly cache: string },
): Promise<BaseImage> {
  const { folder, name } = parseLayoutContext(value)
  const shown = relative(process.cwd(), folder)
  const source = await layoutSource(folderFiles(folder, shown.startsWith('..') ? folder : shown || '.'), name)
  const description = name === undefined ? source.name : `"${name}" of ${source.name}`
  let descriptor: Descriptor = source.top
  while (isIndexMediaType(descriptor.mediaType))
    descriptor = selectManifest((await readJson(source, descriptor)) as Index, platform, description)
  if (!isManifestMediaType(descriptor.mediaType))
    throw new Failure(
      'BASE_INVALID',
      `${description} has the media type ${descriptor.mediaType}, which is no image`,
    )
  const manifest = (await readJson(source, descriptor)) as Manifest
  const config = (await readJson(source, manifest.config)) as ImageConfig
  const layers = manifest.layers.map((layer, index): BuiltLayer => {
    const diffId = config.rootfs.diff_ids[index]
    if (diffId === undefined)
      throw new Failure('BASE_INVALID', `${description} has more layers than diff ids`)
    const blob = {
      descriptor: { ...layer, mediaType: toOciMediaType(layer.mediaType) },
      open: source.open(layer),
    }
    return { blob, diffId, state: 'base', isProven: true }
  })
  return {
    description,
    // no registry need have it, as if it were built here
    isBuiltHere: true,
    manifestDigest: descriptor.digest,
    config,
    layers,
    tree: () => imageTree(layers, description, cache),
  }
}

async function readJson(source: ImageSource, descriptor: Descriptor): Promise<unknown> {
  return JSON.parse(Buffer.from(await source.read(descriptor)).toString('utf8'))
}
