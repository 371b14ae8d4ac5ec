/** The documents of an image, from its top to its configs. */
import { all, Failure } from '../../base/index.ts'
import {
  formatPlatform,
  isIndexMediaType,
  isManifestMediaType,
  jsonBlob,
  mediaTypes,
  toOciMediaType,
  type Descriptor,
  type ImageConfig,
  type Index,
  type Manifest,
  type Platform,
} from '../../oci/index.ts'
import { selectManifest } from '../base/select-manifest.ts'
import type { ImageSource } from './image-source.ts'

/** A document with exactly the bytes its digest is of. */
export interface ReadDocument<T> {
  readonly descriptor: Descriptor
  readonly bytes: Uint8Array
  readonly value: T
}

export interface ReadManifest extends ReadDocument<Manifest> {
  /** absent for what is no image that runs: attestations, charts, signatures */
  readonly config: ReadDocument<ImageConfig> | undefined
  /** of its entry in the index, else of its config */
  readonly platform: Platform | undefined
}

export interface ReadImage {
  readonly top: ReadDocument<Manifest | Index>
  /** indexes in the top index */
  readonly indexes: readonly ReadDocument<Index>[]
  /** in the order of the index, of nested ones too */
  readonly manifests: readonly ReadManifest[]
  /** what differs from the source, and why */
  readonly notes: readonly string[]
}

export interface ReadImageOptions {
  /** only these: one gives its manifest, several an index of them; default: everything */
  readonly platforms?: readonly Platform[] | undefined
}

/** @throws Failure IMAGE_NOT_FOUND | IMAGE_INVALID | BASE_PLATFORM */
export async function readImage(source: ImageSource, options: ReadImageOptions = {}): Promise<ReadImage> {
  const platforms = options.platforms ?? source.platforms ?? []
  const notes = source.madeHere === undefined ? [] : [source.madeHere]
  const top = await readDocument<Manifest | Index>(source, source.top)
  if (platforms.length === 0 || !isIndex(top)) return readTree(source, top, notes)
  const chosen = await all(platforms, async (platform) => selectDeep(source, top, platform))
  const [only, ...rest] = chosen
  if (only && rest.length === 0) {
    const isPart = options.platforms === undefined
    const part = isPart ? [`it has only ${formatPlatform(platforms[0]!)} of an index`] : []
    return readTree(source, await readDocument(source, only), [...notes, ...part])
  }
  const index = {
    ...top.value,
    manifests: [...new Map(chosen.map((entry) => [entry.digest, entry])).values()],
  }
  const part = jsonBlob(top.descriptor.mediaType, index)
  const bytes = Buffer.concat(await Array.fromAsync(part.open()))
  const note = 'the index of the chosen platforms has a digest of its own'
  return readTree(source, { descriptor: part.descriptor, bytes, value: index }, [...notes, note])
}

async function readTree(
  source: ImageSource,
  top: ReadDocument<Manifest | Index>,
  notes: readonly string[],
): Promise<ReadImage> {
  if (!isIndex(top)) return { top, indexes: [], manifests: [await readManifest(source, top)], notes }
  const indexes: ReadDocument<Index>[] = []
  const read = async (index: ReadDocument<Index>): Promise<ReadManifest[]> => {
    const children = await all(index.value.manifests, async (entry) => {
      const document = await readDocument<Manifest | Index>(source, entry)
      if (!isIndex(document)) return [await readManifest(source, document)]
      indexes.push(document)
      return read(document)
    })
    return children.flat()
  }
  return { top, manifests: await read(top), indexes, notes }
}

async function readManifest(
  source: ImageSource,
  document: ReadDocument<Manifest | Index>,
): Promise<ReadManifest> {
  const manifest = document as ReadDocument<Manifest>
  const { config: descriptor, layers } = manifest.value
  if (typeof descriptor?.digest !== 'string' || !Array.isArray(layers))
    throw new Failure(
      'IMAGE_INVALID',
      `${source.name}: the manifest ${document.descriptor.digest} is not one`,
    )
  const entry = document.descriptor.platform
  const isRunnable = toOciMediaType(descriptor.mediaType) === mediaTypes.config && entry?.os !== 'unknown'
  if (!isRunnable) return { ...manifest, config: undefined, platform: entry }
  const config = await readDocument<ImageConfig>(source, descriptor)
  return { ...manifest, config, platform: entry ?? platformOf(config.value) }
}

/** Which manifest serves a platform, through nested indexes. */
async function selectDeep(
  source: ImageSource,
  index: ReadDocument<Index>,
  platform: Platform,
): Promise<Descriptor> {
  const entry = selectManifest(index.value, platform, source.name)
  if (!isIndexMediaType(entry.mediaType)) return entry
  return selectDeep(source, await readDocument<Index>(source, entry), platform)
}

async function readDocument<T>(source: ImageSource, descriptor: Descriptor): Promise<ReadDocument<T>> {
  const bytes = await source.read(descriptor)
  try {
    const value = JSON.parse(Buffer.from(bytes).toString('utf8')) as T | null
    if (typeof value === 'object' && value !== null) return { descriptor, bytes, value }
  } catch {
    // told below, together with JSON that is no object
  }
  throw new Failure('IMAGE_INVALID', `${source.name}: the document ${descriptor.digest} is no JSON object`)
}

function isIndex(document: ReadDocument<Manifest | Index>): document is ReadDocument<Index> {
  const { mediaType } = document.descriptor
  if (isIndexMediaType(mediaType)) return Array.isArray((document.value as Index).manifests)
  return !isManifestMediaType(mediaType) && Array.isArray((document.value as Index).manifests)
}

function platformOf({ os, architecture, variant }: ImageConfig): Platform | undefined {
  if (typeof os !== 'string' || typeof architecture !== 'string') return undefined
  return variant === undefined ? { os, architecture } : { os, architecture, variant }
}
