/**
 * Compresses the layers of images for those destinations that want it. Each layer is compressed once for each codec,
 * however many images, names and destinations share it; what came of it is remembered, so that an unchanged layer is
 * known by digest and size without a byte being read. Bytes are kept in a cache, and made again when they are gone.
 */
import { createHash } from 'node:crypto'
import { Failure, limit, once, type Tally, type Waiting } from '../../base/index.ts'
import { codecIdentity, formatCodec, newCompressor, type Codec, type Compressor } from '../../layer/index.ts'
import {
  digestHex,
  mediaTypes,
  shortDigest,
  type Blob,
  type OpenOptions,
  type Opener,
} from '../../oci/index.ts'
import type { BlobCache, ContentName, LayerLog } from '../../store/index.ts'
import type { Emit } from '../events.ts'
import type { BuiltImage } from '../image.ts'
import type { BuiltLayer } from '../layers.ts'
import { withLayers } from './packed-image.ts'

export interface Packer {
  /**
   * The image with its own layers compressed. Layers of base images and what is compressed already stay as they are,
   * as with BuildKit when `force-compression` is not set.
   * @throws Failure CONTENT_MISMATCH when a layer has changed since it was hashed; what reading it throws
   */
  pack(image: BuiltImage, codec: Codec): Promise<BuiltImage>
}

export interface PackerOptions extends Waiting {
  /** leads from diff id and codec to what came of it; opened when it is needed */
  readonly openLog: () => LayerLog
  readonly cache: BlobCache
  readonly tally: Tally
  readonly emit: Emit
  /** default: as many threads as there are processors */
  readonly compressor?: Compressor
}

/** The blocks of one layer keep all threads busy; a second one would take as much memory again. */
const layersAtOnce = 1

const packedTypes = { gzip: mediaTypes.layerGzip, zstd: mediaTypes.layerZstd }

export function newPacker(options: PackerOptions): Packer {
  const { openLog, cache, tally, emit, signal, compressor = newCompressor() } = options
  let log: LayerLog | undefined
  const slot = limit(layersAtOnce)
  const shareLayer = once<string, BuiltLayer>()
  const images = new WeakMap<BuiltImage, Map<string, Promise<BuiltImage>>>()
  const running = new Map<string, Promise<ContentName>>()

  /** The layer's tar, which must turn out to be the one that was hashed. */
  async function* proven({ blob, diffId }: BuiltLayer): AsyncGenerator<Uint8Array, void, undefined> {
    const hash = createHash('sha256')
    for await (const chunk of blob.open({ signal })) {
      hash.update(chunk)
      tally.bytesHashed += chunk.length
      tally.bytesCompressed += chunk.length
      yield chunk
    }
    if (`sha256:${hash.digest('hex')}` === diffId) return
    throw new Failure(
      'CONTENT_MISMATCH',
      `layer ${shortDigest(diffId)} is not what it was when it was hashed`,
      {
        hint: 'let the program that writes its files finish, then run the same command again',
      },
    )
  }
  const compress = (layer: BuiltLayer, codec: Codec): Promise<ContentName> =>
    slot(async () => {
      signal?.throwIfAborted()
      const facts = {
        diffId: layer.diffId,
        compression: formatCodec(codec),
        bytes: layer.blob.descriptor.size,
      }
      emit({ kind: 'compress-started', ...facts })
      const name = await cache.write(compressor.compress(proven(layer), codec, { signal }))
      tally.bytesHashed += name.size
      emit({ kind: 'compressed', ...facts, ...name })
      return name
    })
  /** The same bytes again, once for all who need them now. */
  const restore = async (layer: BuiltLayer, codec: Codec, name: ContentName): Promise<void> => {
    const work = running.get(name.digest) ?? compress(layer, codec)
    running.set(name.digest, work)
    const found = await work.finally(() => running.delete(name.digest))
    if (found.digest === name.digest) return
    throw new Failure(
      'CONTENT_MISMATCH',
      `layer ${shortDigest(layer.diffId)} compressed again is ${shortDigest(found.digest)}, not ${shortDigest(name.digest)}`,
      { hint: 'use --no-cache, which forgets what was remembered of it' },
    )
  }
  const opener = (layer: BuiltLayer, codec: Codec, name: ContentName): Opener =>
    async function* (range = {}) {
      let kept = await cache.find(name)
      if (!kept) {
        await restore(layer, codec, name)
        kept = await cache.find(name)
      }
      // Where the disk takes nothing the bytes exist only while they are sent.
      yield* kept ? kept(range) : cut(compressor.compress(proven(layer), codec, range), range)
    }
  const packLayer = (layer: BuiltLayer, codec: Codec): Promise<BuiltLayer> => {
    const key = `${digestHex(layer.diffId)}-${codecIdentity(codec)}`
    return shareLayer(key, async () => {
      log ??= openLog()
      const known = log.lookup(key)
      const name = known ?? (await compress(layer, codec))
      if (!known) log.remember(key, name)
      const mediaType = packedTypes[codec.type as keyof typeof packedTypes]
      const blob: Blob = { descriptor: { mediaType, ...name }, open: opener(layer, codec, name) }
      return { ...layer, blob, isProven: true }
    })
  }
  return {
    pack(image, codec) {
      if (codec.type === 'none') return Promise.resolve(image)
      const known = images.get(image) ?? new Map<string, Promise<BuiltImage>>()
      images.set(image, known)
      const key = formatCodec(codec)
      const packed =
        known.get(key) ??
        withLayers(image, async (layer) => (isOwnTar(layer) ? packLayer(layer, codec) : layer))
      known.set(key, packed)
      return packed
    },
  }
}

function isOwnTar({ blob, state, isDelegated }: BuiltLayer): boolean {
  return blob.descriptor.mediaType === mediaTypes.layer && (state !== 'base' || isDelegated === true)
}

async function* cut(
  stream: AsyncIterable<Uint8Array>,
  { start = 0, end = Infinity }: OpenOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  let position = 0
  for await (const chunk of stream) {
    const part = chunk.subarray(Math.max(0, start - position), Math.max(0, end - position))
    position += chunk.length
    if (part.length > 0) yield part
    if (position >= end) return
  }
}
