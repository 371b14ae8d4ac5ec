/**
 * What `docker save` writes, as an OCI layout (Docker image spec v1.2, "Combined Image JSON + Filesystem Changeset").
 * Older daemons write `<id>/layer.tar` with links between equal ones, newer ones `blobs/sha256/...`.
 */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, open, readFile, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Failure, type Waiting } from '../../../base/index.ts'
import { readTar } from '../../../layer/index.ts'
import { jsonBlob, mediaTypes, type Blob, type Digest, type Manifest } from '../../../oci/index.ts'
import { openLayout } from '../../../store/index.ts'

export interface ArchiveOptions extends Waiting {
  /** an empty folder for files in between */
  readonly scratch: string
  /** folder of the layout */
  readonly destination: string
}

/** One file of the archive, unpacked. */
interface Unpacked {
  readonly path: string
  readonly digest: Digest
  readonly size: number
  readonly start: Uint8Array
}

interface SavedImage {
  readonly Config: string
  readonly Layers: readonly string[]
}

/** Writes the first image of an archive as a layout. @throws Failure BUILDER_FAILED | FILE_SYSTEM */
export async function layoutFromArchive(
  archive: string,
  { scratch, destination, signal }: ArchiveOptions,
): Promise<void> {
  const folder = join(scratch, 'archive')
  const find = await unpack(archive, folder, signal)
  const images = JSON.parse(await readFile(find('manifest.json').path, 'utf8')) as readonly SavedImage[]
  const [image] = images
  if (!image) throw broken('holds no image')
  const layout = await openLayout(destination)
  const write = async (name: string, mediaType: string) => {
    const file = find(name)
    const blob = fileBlob(file, mediaType)
    await layout.write(blob, { signal, isProven: true })
    return blob.descriptor
  }
  const manifest: Manifest = {
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    config: await write(image.Config, mediaTypes.config),
    layers: [],
  }
  const layers: Blob['descriptor'][] = []
  for (const name of image.Layers) layers.push(await write(name, layerType(find(name).start)))
  const blob = jsonBlob(mediaTypes.manifest, { ...manifest, layers })
  await layout.write(blob, { signal })
  await layout.commit([blob.descriptor], { signal })
  await rm(folder, { recursive: true, force: true })
}

/** Unpacks all files under numbers, so that no name of the archive reaches the disk; links lead to their files. */
async function unpack(
  archive: string,
  folder: string,
  signal: AbortSignal | undefined,
): Promise<(name: string) => Unpacked> {
  await mkdir(folder, { recursive: true })
  const files = new Map<string, Unpacked>()
  const links = new Map<string, string>()
  for await (const { path, type, link = '', content } of readTar(createReadStream(archive))) {
    signal?.throwIfAborted()
    if (type === 'file') files.set(path, await unpackFile(join(folder, String(files.size)), content))
    else if (type === 'symlink') links.set(path, join(dirname(path), link))
    else if (type === 'hardlink') links.set(path, link)
  }
  return (name) => {
    let path = name
    for (let hops = 0; links.has(path) && hops < 10; hops++) path = links.get(path)!
    const found = files.get(path)
    if (found) return found
    throw broken(`lacks ${name}`)
  }
}

async function unpackFile(path: string, content: AsyncIterable<Uint8Array>): Promise<Unpacked> {
  const hash = createHash('sha256')
  const file = await open(path, 'wx')
  let size = 0
  let start: Uint8Array = new Uint8Array()
  try {
    for await (const chunk of content) {
      if (size === 0) start = Uint8Array.from(chunk.subarray(0, 4))
      hash.update(chunk)
      for (let offset = 0; offset < chunk.length;) offset += (await file.write(chunk, offset)).bytesWritten
      size += chunk.length
    }
  } finally {
    await file.close()
  }
  return { path, digest: `sha256:${hash.digest('hex')}`, size, start }
}

function fileBlob({ path, digest, size }: Unpacked, mediaType: string): Blob {
  return {
    descriptor: { mediaType, digest, size },
    open: () => createReadStream(path) as AsyncIterable<Uint8Array>,
  }
}

/** By the magic number: daemons with containerd's store save layers as they were pulled. */
function layerType(start: Uint8Array): string {
  const magic = Buffer.from(start).toString('hex')
  if (magic.startsWith('1f8b')) return mediaTypes.layerGzip
  return magic === '28b52ffd' ? mediaTypes.layerZstd : mediaTypes.layer
}

function broken(why: string): Failure {
  return new Failure('BUILDER_FAILED', `the archive that docker save wrote ${why}`)
}
