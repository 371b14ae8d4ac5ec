/**
 * What `docker save` of a daemon without containerd's store writes: `manifest.json` with configs and layers, and no
 * manifest that would have a digest (moby image-spec v1.2, "combined image JSON + filesystem changeset format"). One is
 * made of them here: the same archive always gives the same.
 */
import { createHash } from 'node:crypto'
import { posix } from 'node:path'
import { Failure } from '../../base/index.ts'
import {
  readContent,
  formatReference,
  jsonBlob,
  mediaTypes,
  parseReference,
  sha256,
  type Descriptor,
  type Digest,
  type ImageConfig,
  type Manifest,
  type Opener,
} from '../../oci/index.ts'
import { detectCompression, magicSize } from '../add/compression.ts'
import { notFound, verifiedOpener, type ImageSource } from './image-source.ts'
import type { LayoutFiles } from './layout-source.ts'

interface SavedImage {
  readonly Config: string
  readonly RepoTags?: readonly string[] | null
  readonly Layers: readonly string[]
}

const layerTypes = { none: mediaTypes.layer, gzip: mediaTypes.layerGzip, zstd: mediaTypes.layerZstd } as const

/** `name`: one of the RepoTags; default: the only image. @throws Failure IMAGE_NOT_FOUND | IMAGE_INVALID */
export async function dockerArchiveSource(
  files: LayoutFiles,
  name: string | undefined,
): Promise<ImageSource> {
  const image = selectImage(await readImages(files), name, files.name)
  const config = await readContent(files.open(image.Config))
  const { rootfs } = parse<ImageConfig>(config, files.name)
  const diffIds = rootfs?.diff_ids ?? []
  if (diffIds.length !== image.Layers.length)
    throw invalid(files.name, `its config names ${diffIds.length} layers, and it has ${image.Layers.length}`)
  const openers = new Map<Digest, Opener>()
  const layers: Descriptor[] = []
  for (const [index, path] of image.Layers.entries()) {
    const descriptor = await describeLayer(files, posix.normalize(path), diffIds[index]!)
    layers.push(descriptor)
    openers.set(descriptor.digest, files.open(posix.normalize(path)))
  }
  const configDescriptor = { mediaType: mediaTypes.config, digest: sha256(config), size: config.length }
  const manifest: Manifest = {
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    config: configDescriptor,
    layers,
  }
  const top = jsonBlob(mediaTypes.manifest, manifest)
  const documents = new Map([
    [configDescriptor.digest, async () => config],
    [top.descriptor.digest, () => readContent(top.open)],
  ])
  return {
    name: files.name,
    top: top.descriptor,
    references: tagsOf(image).map((tag) => parseReference(tag)),
    madeHere: 'it has no manifest, so one was made',
    read: async ({ digest }) => documents.get(digest)!(),
    open: (descriptor) => verifiedOpener(openers.get(descriptor.digest)!, descriptor, files.name),
    close: files.close,
  }
}

async function readImages(files: LayoutFiles): Promise<SavedImage[]> {
  if ((await files.size('manifest.json')) === undefined)
    throw notFound(`${files.name} holds no image: it has neither index.json nor manifest.json`)
  const images = parse<SavedImage[]>(await readContent(files.open('manifest.json')), files.name)
  const isList =
    Array.isArray(images) &&
    images.every(({ Config, Layers }) => typeof Config === 'string' && Array.isArray(Layers))
  if (!isList) throw invalid(files.name, 'its manifest.json is not one of docker save')
  for (const path of images.flatMap(({ Config, Layers }) => [Config, ...Layers]))
    if ((await files.size(posix.normalize(path))) === undefined) throw invalid(files.name, `it lacks ${path}`)
  return images
}

function selectImage(images: readonly SavedImage[], name: string | undefined, place: string): SavedImage {
  const wanted = name && formatReference(parseReference(name))
  const found = wanted === undefined ? images : images.filter((image) => tagsOf(image).includes(wanted))
  if (found.length === 1) return found[0]!
  const names = images.flatMap((image) => tagsOf(image)[0] ?? 'one without a name')
  const list = names.length === 0 ? 'it is empty' : `it has ${names.slice(0, 10).join(', ')}`
  if (wanted === undefined && images.length > 0)
    throw notFound(`${place} has ${images.length} images: say which`, list)
  throw notFound(`${place} has no image${name === undefined ? '' : ` "${name}"`}`, list)
}

function tagsOf({ RepoTags }: SavedImage): string[] {
  return (RepoTags ?? []).map((tag) => formatReference(parseReference(tag)))
}

/** Uncompressed layers have the digest that the config says; of others it is found by reading them once. */
async function describeLayer(files: LayoutFiles, path: string, diffId: Digest): Promise<Descriptor> {
  const size = (await files.size(path))!
  const open = files.open(path)
  const compression = detectCompression(await readContent(open, { end: Math.min(magicSize, size) }))
  if (compression === 'none') return { mediaType: mediaTypes.layer, digest: diffId, size }
  if (compression !== 'gzip' && compression !== 'zstd')
    throw invalid(files.name, `its layer ${path} is compressed with ${compression}`)
  const hash = createHash('sha256')
  for await (const chunk of open()) hash.update(chunk)
  return { mediaType: layerTypes[compression], digest: `sha256:${hash.digest('hex')}`, size }
}

function parse<T>(bytes: Uint8Array, place: string): T {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8')) as T
  } catch (cause) {
    throw new Failure('IMAGE_INVALID', `${place} has a document that is not JSON`, { cause })
  }
}

function invalid(place: string, why: string): Failure {
  return new Failure('IMAGE_INVALID', `${place} is not well formed: ${why}`)
}
