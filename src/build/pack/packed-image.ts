/** An image with other bytes for the same layers: its manifests and its index name them, its configs stay. */
import { all } from '../../base/index.ts'
import { jsonBlob, mediaTypes, type Blob, type Digest, type Index, type Manifest } from '../../oci/index.ts'
import type { BuiltImage, BuiltPlatform } from '../image.ts'
import type { BuiltLayer } from '../layers.ts'

/** Replaces layers and everything that names them; the same image when no layer changes. */
export async function withLayers(
  image: BuiltImage,
  replace: (layer: BuiltLayer) => Promise<BuiltLayer>,
): Promise<BuiltImage> {
  const platforms = await all(image.platforms, async (platform) => replaceLayers(platform, replace))
  if (platforms.every((platform, index) => platform === image.platforms[index])) return image
  const replaced = new Map(
    image.platforms.map(({ manifest }, index) => [manifest.descriptor.digest, platforms[index]!.manifest]),
  )
  const { digest } = image.top.descriptor
  return { ...image, platforms, top: replaced.get(digest) ?? (await replaceManifests(image.top, replaced)) }
}

async function replaceLayers(
  platform: BuiltPlatform,
  replace: (layer: BuiltLayer) => Promise<BuiltLayer>,
): Promise<BuiltPlatform> {
  const layers = await all(platform.layers, replace)
  if (layers.every((layer, index) => layer === platform.layers[index])) return platform
  const manifest = await readJson<Manifest>(platform.manifest)
  const named = { ...manifest, layers: layers.map(({ blob }) => blob.descriptor) }
  return { ...platform, layers, manifest: jsonBlob(mediaTypes.manifest, named) }
}

async function replaceManifests(top: Blob, replaced: ReadonlyMap<Digest, Blob>): Promise<Blob> {
  const index = await readJson<Index>(top)
  const manifests = index.manifests.map((entry) => {
    const manifest = replaced.get(entry.digest)?.descriptor
    return manifest ? { ...entry, digest: manifest.digest, size: manifest.size } : entry
  })
  return jsonBlob(mediaTypes.index, { ...index, manifests })
}

async function readJson<T>({ open }: Blob): Promise<T> {
  return JSON.parse(Buffer.concat(await Array.fromAsync(open())).toString('utf8')) as T
}
