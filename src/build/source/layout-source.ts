/** An image in an OCI layout as a source: a folder, or a tar of one, given by how its files are read. */
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Failure, fileFailure, systemCode } from '../../base/index.ts'
import {
  readContent,
  digestAlgorithm,
  digestHex,
  isManifestMediaType,
  type Descriptor,
  type Digest,
  type Index,
  type Manifest,
  type Opener,
} from '../../oci/index.ts'
import { fileOpener } from '../../store/index.ts'
import { notFound, verifiedOpener, type ImageSource } from './image-source.ts'
import { parseLayoutIndex, referencesOf, selectEntry } from './layout-index.ts'

/** Files by path below the root, such as `blobs/sha256/9f2c…`. */
export interface LayoutFiles {
  /** for people, such as `the layout out` */
  readonly name: string
  /** nothing when there is no such file */
  readonly size: (path: string) => Promise<number | undefined>
  readonly open: (path: string) => Opener
  readonly close: () => Promise<void>
}

/** `name`: a reference, a tag or a digest; default: the only image. @throws Failure IMAGE_NOT_FOUND | IMAGE_INVALID */
export async function layoutSource(files: LayoutFiles, name: string | undefined): Promise<ImageSource> {
  const size = await files.size('index.json')
  if (size === undefined) throw notFound(`${files.name} is no OCI layout: it has no index.json`)
  const index = parseLayoutIndex(await readContent(files.open('index.json')), files.name)
  const top = selectEntry(index, name, files.name)
  const open = (descriptor: Descriptor): Opener =>
    verifiedOpener(files.open(blobPath(descriptor.digest)), descriptor, files.name)
  const read = async (descriptor: Descriptor): Promise<Uint8Array> => {
    if ((await files.size(blobPath(descriptor.digest))) === undefined)
      throw new Failure('IMAGE_INVALID', `${files.name} lacks the blob ${descriptor.digest} that it names`)
    return readContent(open(descriptor))
  }
  return {
    name: files.name,
    top,
    references: referencesOf(index, top),
    read,
    open,
    referrers: (subject) => listReferrers(index, subject, read),
    close: files.close,
  }
}

/** A layout lists the documents about its images in its index like everything else. */
async function listReferrers(
  { manifests }: Index,
  subject: Digest,
  read: ImageSource['read'],
): Promise<Descriptor[]> {
  const found: Descriptor[] = []
  for (const entry of manifests) {
    if (!isManifestMediaType(entry.mediaType) || entry.digest === subject) continue
    const manifest = JSON.parse(Buffer.from(await read(entry)).toString('utf8')) as Manifest
    if (manifest.subject?.digest === subject) found.push(entry)
  }
  return found
}

export function blobPath(digest: Digest): string {
  return `blobs/${digestAlgorithm(digest)}/${digestHex(digest)}`
}

/** The files of a layout folder; it may be read-only. */
export function folderFiles(folder: string, shown: string): LayoutFiles {
  return {
    name: `the layout ${shown}`,
    async size(path) {
      try {
        return (await stat(join(folder, path))).size
      } catch (error) {
        if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') return undefined
        throw fileFailure('read', join(folder, path), error)
      }
    },
    open: (path) => fileOpener(join(folder, path)),
    close: async () => undefined,
  }
}
