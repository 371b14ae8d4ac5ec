/** What a builder left, read as a base image: an OCI layout whose blobs are all there. */
import { isUtf8 } from 'node:buffer'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Failure } from '../../base/index.ts'
import {
  digestAlgorithm,
  digestHex,
  isIndexMediaType,
  sha256,
  toOciMediaType,
  type Descriptor,
  type ImageConfig,
  type Index,
  type Manifest,
} from '../../oci/index.ts'
import { openLayout, type Layout } from '../../store/index.ts'
import { imageTree } from '../base/image-tree.ts'
import type { BaseImage } from '../base/base-image.ts'
import type { BuiltLayer } from '../layers.ts'

export interface ReadOptions {
  /** for messages, such as `stage "build"` */
  readonly description: string
  /** layers the result may stand on: taken from where they are, so that they need not be sent again */
  readonly known: readonly BuiltLayer[]
  /** folder for indexes of layers */
  readonly cache: string
}

/** The image in a layout. @throws Failure LAYOUT_INVALID when a part is missing or damaged */
export async function readDelegatedImage(folder: string, options: ReadOptions): Promise<BaseImage> {
  const { description, known, cache } = options
  const layout = await openLayout(folder)
  const manifest = (await readJson(layout, await imageDescriptor(layout))) as Manifest
  const config = (await readJson(layout, manifest.config)) as ImageConfig
  const diffIds = config.rootfs?.diff_ids ?? []
  if (diffIds.length !== manifest.layers.length)
    throw invalid(folder, `has ${manifest.layers.length} layers and ${diffIds.length} diff ids`)
  const knownLayers = new Map(known.map((layer) => [layer.diffId, layer] as const))
  const layers: BuiltLayer[] = []
  for (const [index, layer] of manifest.layers.entries()) {
    const diffId = diffIds[index]!
    const same = knownLayers.get(diffId)
    if (same === undefined && !(await layout.has(layer))) throw invalid(folder, `lacks ${layer.digest}`)
    layers.push(same ?? layoutLayer(layout, layer, diffId))
  }
  return { description, config, layers, tree: () => imageTree(layers, description, cache) }
}

/** Annotations of a descriptor are the builder's own notes and would make equal layers differ. */
function layoutLayer(layout: Layout, { mediaType, digest, size }: Descriptor, diffId: string): BuiltLayer {
  const descriptor = { mediaType: toOciMediaType(mediaType), digest, size }
  const blob = { descriptor, open: layout.open(descriptor) }
  return { blob, diffId: diffId as BuiltLayer['diffId'], state: 'base', isDelegated: true, isProven: false }
}

/** The manifest of the only image; attestations (platform unknown) do not count. */
async function imageDescriptor(layout: Layout): Promise<Descriptor> {
  let index: Index = await layout.readIndex()
  for (let depth = 0; depth < 4; depth++) {
    const images = index.manifests.filter((entry) => entry.platform?.os !== 'unknown')
    const [only, ...others] = images
    if (only === undefined || others.length > 0)
      throw invalid(layout.folder, `holds ${images.length} images instead of one`)
    if (!isIndexMediaType(only.mediaType)) return only
    index = (await readJson(layout, only)) as Index
  }
  throw invalid(layout.folder, 'has indexes nested too deeply')
}

async function readJson({ folder }: Layout, { digest }: Descriptor): Promise<unknown> {
  const path = join(folder, 'blobs', digestAlgorithm(digest), digestHex(digest))
  const bytes = await readFile(path).catch(() => undefined)
  if (bytes === undefined) throw invalid(folder, `lacks ${digest}`)
  if (sha256(bytes) !== digest || !isUtf8(bytes)) throw invalid(folder, `holds a damaged ${digest}`)
  return JSON.parse(bytes.toString('utf8'))
}

function invalid(folder: string, why: string): Failure {
  return new Failure('LAYOUT_INVALID', `the layout ${folder} that a builder left ${why}`)
}
