/**
 * An OCI image layout on disk (image-spec image-layout.md).
 * A blob is complete or absent: it is written under `.ingest/` and renamed when its digest is proven. `index.json`
 * changes last and in one step, so whoever reads the folder sees the old images or the new ones.
 */
import { createHash, randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { access, mkdir, open, readdir, readFile, rename, rm, rmdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import {
  Failure,
  fileFailure,
  isRunning,
  systemCode,
  withLockFile,
  writeFileAtomically,
  type Tally,
  type Waiting,
} from '../base/index.ts'
import {
  digestAlgorithm,
  digestHex,
  mediaTypes,
  type Blob,
  type Descriptor,
  type Digest,
  type Index,
  type Opener,
} from '../oci/index.ts'
import { fileOpener } from './file-content.ts'

export interface WriteOptions extends Waiting {
  readonly tally?: Tally | undefined
  /** the opener already proves the content (a recipe just hashed); default: the digest is computed while writing */
  readonly isProven?: boolean
}

export interface Layout {
  readonly folder: string
  has(descriptor: Descriptor): Promise<boolean>
  /** Writes a blob unless it is there. @throws Failure CONTENT_MISMATCH | NO_SPACE | FILE_SYSTEM */
  write(blob: Blob, options?: WriteOptions): Promise<'exists' | 'written'>
  open(descriptor: Descriptor): Opener
  /** `index.json`, empty when there is none. @throws Failure LAYOUT_INVALID */
  readIndex(): Promise<Index>
  /**
   * Adds manifests to `index.json`; those with the same `org.opencontainers.image.ref.name` (or,
   * without a name, the same digest) are replaced.
   * Makes the folder a layout if it was none.
   */
  commit(manifests: readonly Descriptor[], options?: Waiting): Promise<void>
  /** Removes what an aborted write left, and the folder itself if nothing else is in it. */
  clean(): Promise<void>
}

export const refNameAnnotation = 'org.opencontainers.image.ref.name'

/** The layout in a folder, which may be missing or empty. @throws Failure LAYOUT_INVALID when it holds something else */
export async function openLayout(folder: string): Promise<Layout> {
  await checkFolder(folder)
  const blobPath = (digest: Digest) => join(folder, 'blobs', digestAlgorithm(digest), digestHex(digest))
  const ingest = join(folder, '.ingest', `${process.pid}-${randomBytes(4).toString('hex')}`)
  const indexPath = join(folder, 'index.json')

  const readIndex = async (): Promise<Index> => {
    let text: string
    try {
      text = await readFile(indexPath, 'utf8')
    } catch (error) {
      if (systemCode(error) === 'ENOENT')
        return { schemaVersion: 2, mediaType: mediaTypes.index, manifests: [] }
      throw fileFailure('read', indexPath, error)
    }
    try {
      const index = JSON.parse(text) as Partial<Index>
      if (Array.isArray(index.manifests))
        return { ...index, schemaVersion: 2, mediaType: mediaTypes.index, manifests: index.manifests }
    } catch {
      // told below, together with valid JSON of another shape
    }
    throw new Failure('LAYOUT_INVALID', `${indexPath} is not an OCI image index`)
  }
  const has = async ({ digest, size }: Descriptor): Promise<boolean> => {
    try {
      return (await stat(blobPath(digest))).size === size
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return false
      throw fileFailure('look at', blobPath(digest), error)
    }
  }
  return {
    folder,
    has,
    readIndex,
    async write(blob, options = {}) {
      if (await has(blob.descriptor)) return 'exists'
      const path = blobPath(blob.descriptor.digest)
      const temporary = join(ingest, randomBytes(8).toString('hex'))
      try {
        await mkdir(ingest, { recursive: true })
        await writeProven(temporary, blob, options)
        await mkdir(join(folder, 'blobs', digestAlgorithm(blob.descriptor.digest)), { recursive: true })
        await rename(temporary, path)
        return 'written'
      } catch (error) {
        await rm(temporary, { force: true })
        throw fileFailure('write', path, error)
      }
    },
    open: ({ digest }) => fileOpener(blobPath(digest)),
    async commit(manifests, options = {}) {
      await mkdir(folder, { recursive: true })
      await withLockFile(
        join(folder, '.index.lock'),
        async () => {
          const index = await readIndex()
          const replaced = new Set(manifests.map(nameOrDigest))
          const kept = index.manifests.filter((manifest) => !replaced.has(nameOrDigest(manifest)))
          options.signal?.throwIfAborted()
          await writeFileAtomically(join(folder, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}')
          await writeFileAtomically(
            indexPath,
            JSON.stringify({ ...index, manifests: [...kept, ...manifests] }, undefined, 1),
          )
        },
        options,
      )
    },
    async clean() {
      await rm(ingest, { recursive: true, force: true })
      await removeAbandoned(join(folder, '.ingest'))
      for (const directory of [
        join(folder, '.ingest'),
        join(folder, 'blobs', 'sha256'),
        join(folder, 'blobs'),
        folder,
      ]) {
        await rmdir(directory).catch(() => undefined)
      }
    },
  }
}

const abandonedAfterMs = 600_000

/** What killed processes left. The age spares those of other machines and containers, whose processes cannot be seen. */
async function removeAbandoned(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    const path = join(folder, name)
    const age = Date.now() - ((await stat(path).catch(() => undefined))?.mtimeMs ?? Date.now())
    if (age > abandonedAfterMs && !isRunning(Number.parseInt(name, 10)))
      await rm(path, { recursive: true, force: true })
  }
}

function nameOrDigest({ annotations, digest }: Descriptor): string {
  return annotations?.[refNameAnnotation] ?? digest
}

async function checkFolder(folder: string): Promise<void> {
  let names: string[]
  try {
    names = await readdir(folder)
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return
    throw fileFailure('use the layout', folder, error)
  }
  const isLayout =
    names.includes('oci-layout') ||
    names.every((name) => ['blobs', '.ingest', '.index.lock', 'index.json'].includes(name))
  if (!isLayout) {
    throw new Failure('LAYOUT_INVALID', `${folder} holds other files and is not an OCI image layout`, {
      hint: 'name a new or empty folder, or one that a layout was written to before',
    })
  }
  await access(folder, constants.W_OK).catch((error: unknown) => {
    throw fileFailure('write', folder, error)
  })
}

async function writeProven(
  path: string,
  blob: Blob,
  { signal, tally, isProven = false }: WriteOptions,
): Promise<void> {
  const { digest, size } = blob.descriptor
  const hash = isProven ? undefined : createHash(digestAlgorithm(digest))
  const file = await open(path, 'wx')
  let written = 0
  try {
    for await (const chunk of blob.open({ signal })) {
      signal?.throwIfAborted()
      hash?.update(chunk)
      for (let offset = 0; offset < chunk.length;) offset += (await file.write(chunk, offset)).bytesWritten
      written += chunk.length
    }
  } finally {
    await file.close()
  }
  if (tally) {
    tally.bytesWritten += written
    if (hash) tally.bytesHashed += written
  }
  const found = hash === undefined ? digest : `${digestAlgorithm(digest)}:${hash.digest('hex')}`
  if (written !== size || found !== digest) {
    throw new Failure(
      'CONTENT_MISMATCH',
      `content does not fit its descriptor: expected ${digest} of ${size} bytes, got ${found} of ${written} bytes`,
    )
  }
}
