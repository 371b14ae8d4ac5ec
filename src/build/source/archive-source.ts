/**
 * An image in a tar file as a source: an OCI layout, or what `docker save` writes. Where it is both, as newer daemons and
 * we write it, the layout counts, for it has the digests. A compressed file is unpacked into a temporary one first.
 */
import { createWriteStream } from 'node:fs'
import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, posix } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { Failure, fileFailure, type Waiting } from '../../base/index.ts'
import { indexTarFile, type TarPlace } from '../../layer/index.ts'
import { fileOpener } from '../../store/index.ts'
import { decompressArchive, detectCompression, magicSize } from '../add/compression.ts'
import { dockerArchiveSource } from './docker-archive.ts'
import type { ImageSource } from './image-source.ts'
import { layoutSource, type LayoutFiles } from './layout-source.ts'

export type ArchiveFormat = 'oci' | 'docker' | 'any'

export interface ArchiveSourceOptions extends Waiting {
  /** path as shown to the user */
  readonly shown: string
  /** a name in the archive; default: the only image */
  readonly name?: string | undefined
  /** `oci`: it must be a layout; default `any` */
  readonly format?: ArchiveFormat
}

/** @throws Failure IMAGE_NOT_FOUND | IMAGE_INVALID | ARCHIVE_INVALID | FILE_SYSTEM */
export async function archiveSource(path: string, options: ArchiveSourceOptions): Promise<ImageSource> {
  const { shown, name, format = 'any' } = options
  const plain = await plainFile(path, options)
  try {
    const files = tarFiles(plain.path, await indexTarFile(plain.path, options), shown, plain.remove)
    const hasLayout =
      (await files.size('oci-layout')) !== undefined && (await files.size('index.json')) !== undefined
    return await (format === 'oci' || hasLayout
      ? layoutSource(files, name)
      : dockerArchiveSource(files, name))
  } catch (error) {
    await plain.remove()
    throw error
  }
}

interface PlainFile {
  readonly path: string
  readonly remove: () => Promise<void>
}

async function plainFile(path: string, { shown, signal }: ArchiveSourceOptions): Promise<PlainFile> {
  const compression = detectCompression(await firstBytes(path, shown))
  if (compression === 'none') return { path, remove: async () => undefined }
  return temporaryFile(
    decompressArchive(fileOpener(path)({ signal }), compression, { description: shown, signal }),
    { signal },
  )
}

/** A stream as a file that can be read at any place. */
export async function temporaryFile(
  chunks: AsyncIterable<Uint8Array>,
  { signal }: Waiting,
): Promise<PlainFile> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-archive-'))
  const remove = () => rm(folder, { recursive: true, force: true })
  const path = join(folder, 'archive.tar')
  try {
    await pipeline(chunks, createWriteStream(path), signal ? { signal } : {})
    return { path, remove }
  } catch (error) {
    await remove()
    throw fileFailure('write', path, error)
  }
}

async function firstBytes(path: string, shown: string): Promise<Uint8Array> {
  try {
    const file = await open(path, 'r')
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(magicSize), 0, magicSize, 0)
      return buffer.subarray(0, bytesRead)
    } finally {
      await file.close()
    }
  } catch (error) {
    throw fileFailure('read', shown, error)
  }
}

/** Old daemons write a layer that several images share once, and links to it. */
function tarFiles(
  path: string,
  places: ReadonlyMap<string, TarPlace>,
  shown: string,
  close: () => Promise<void>,
): LayoutFiles {
  const find = (name: string, hops = 0): TarPlace | undefined => {
    const place = places.get(name)
    if (place?.type !== 'link' || hops > 8) return place
    const target = posix.normalize(posix.join(posix.dirname(name), place.link))
    return find(places.has(target) ? target : posix.normalize(place.link), hops + 1)
  }
  return {
    name: `the archive ${shown}`,
    size: async (name) => {
      const place = find(name)
      return place?.type === 'file' ? place.size : undefined
    },
    open(name) {
      const place = find(name)
      if (place?.type === 'file') return fileOpener(path, place)
      throw new Failure('IMAGE_INVALID', `the archive ${shown} lacks ${name}`)
    },
    close,
  }
}
