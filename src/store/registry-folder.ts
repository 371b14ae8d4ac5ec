/**
 * A folder that keeps what is pushed to a registry: `blobs/` as in an OCI image layout, shared by all repositories, and
 * for each repository an `index.json` under `repositories/NAME/`. So other tools read a repository as a layout with a
 * shared blob folder. Blobs and lists are complete or absent.
 */
import { createHash, randomBytes, type Hash } from 'node:crypto'
import { mkdir, open, readdir, readFile, rename, rm, stat, type FileHandle } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Failure, fileFailure, isRunning, systemCode, writeFileAtomically } from '../base/index.ts'
import {
  digestAlgorithm,
  digestHex,
  mediaTypes,
  type Descriptor,
  type Digest,
  type Index,
  type RegistryStore,
  type RegistryWriter,
  type Upload,
} from '../oci/index.ts'
import { fileOpener } from './file-content.ts'

type Algorithm = 'sha256' | 'sha512'

export interface RegistryFolder extends RegistryStore {
  readonly writer: RegistryWriter
  /** drops uploads that are not finished */
  readonly close: () => Promise<void>
}

/**
 * Opens a folder, or a new one; one process at a time.
 * @throws Failure FILE_SYSTEM when another process serves it or it cannot be written
 */
export async function openRegistryFolder(folder: string): Promise<RegistryFolder> {
  const owner = join(folder, 'owner')
  await claim(folder, owner)
  const ingest = join(folder, 'uploads')
  await rm(ingest, { recursive: true, force: true })
  const blobPath = (digest: Digest) => join(folder, 'blobs', digestAlgorithm(digest), digestHex(digest))
  const indexPath = (repository: string) => join(folder, 'repositories', repository, 'index.json')
  const lists = new Map<string, Promise<readonly Descriptor[] | undefined>>()
  const queues = new Map<string, Promise<unknown>>()
  const uploads = new Map<string, Upload>()

  const manifests = (repository: string) => {
    let list = lists.get(repository)
    if (!list) lists.set(repository, (list = readList(indexPath(repository))))
    return list
  }
  const place = async (temporary: string, digest: Digest): Promise<void> => {
    const path = blobPath(digest)
    try {
      await mkdir(dirname(path), { recursive: true })
      await rename(temporary, path)
    } catch (error) {
      throw fileFailure('write', path, error)
    }
  }
  return {
    async blob(digest) {
      const path = blobPath(digest)
      const found = await stat(path).catch(() => undefined)
      return found?.isFile() === true ? { size: found.size, open: fileOpener(path) } : undefined
    },
    manifests,
    writer: {
      async put(digest, bytes) {
        await writeFileAtomically(blobPath(digest), bytes)
      },
      async remove(digest) {
        await rm(blobPath(digest), { force: true }).catch((error: unknown) => {
          throw fileFailure('remove', blobPath(digest), error)
        })
      },
      async change(repository, change) {
        const work = (queues.get(repository) ?? Promise.resolve()).then(async () => {
          const after = change((await manifests(repository)) ?? [])
          const index: Index = { schemaVersion: 2, mediaType: mediaTypes.index, manifests: after }
          await writeFileAtomically(indexPath(repository), JSON.stringify(index))
          lists.set(repository, Promise.resolve(after))
        })
        queues.set(
          repository,
          work.catch(() => undefined),
        )
        await work
      },
      repositories: () => findRepositories(join(folder, 'repositories')),
      async newUpload(algorithm) {
        const id = randomBytes(16).toString('hex')
        await mkdir(ingest, { recursive: true }).catch((error: unknown) => {
          throw fileFailure('write', ingest, error)
        })
        const upload = openUpload(join(ingest, id), id, {
          algorithm,
          place,
          forget: () => uploads.delete(id),
        })
        uploads.set(id, upload)
        return upload
      },
      upload: (id) => uploads.get(id),
    },
    async close() {
      await Promise.all([...uploads.values()].map((upload) => upload.cancel()))
      await rm(ingest, { recursive: true, force: true })
      await rm(owner, { force: true })
    },
  }
}

/** Lists are kept in memory, so two processes on one folder would undo each other's tags. */
async function claim(folder: string, owner: string): Promise<void> {
  const pid = Number(await readFile(owner, 'utf8').catch(() => ''))
  if (pid > 0 && pid !== process.pid && isRunning(pid)) {
    throw new Failure('FILE_SYSTEM', `${folder} is served by another process (${pid})`, {
      hint: 'stop it, or name another folder: --store DIR',
    })
  }
  await writeFileAtomically(owner, String(process.pid))
}

async function readList(path: string): Promise<readonly Descriptor[] | undefined> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') return undefined
    throw fileFailure('read', path, error)
  }
  try {
    const { manifests } = JSON.parse(text) as Partial<Index>
    if (Array.isArray(manifests)) return manifests
  } catch {
    // told below, together with valid JSON of another shape
  }
  throw new Failure('LAYOUT_INVALID', `${path} is not an OCI image index`)
}

async function findRepositories(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  return entries
    .filter((entry) => entry.isFile() && entry.name === 'index.json')
    .map((entry) => entry.parentPath.slice(folder.length + 1))
    .toSorted()
}

interface UploadOptions {
  readonly algorithm: Algorithm
  readonly place: (temporary: string, digest: Digest) => Promise<void>
  readonly forget: () => void
}

/** Bytes go to a file and through the hash that the client said it would use; another one at the end costs a second read. */
function openUpload(path: string, id: string, { algorithm, place, forget }: UploadOptions): Upload {
  const hash = createHash(algorithm)
  let file: Promise<FileHandle> | undefined
  let size = 0
  const drop = async (): Promise<void> => {
    forget()
    await (await file)?.close().catch(() => undefined)
    await rm(path, { force: true })
  }
  return {
    id,
    get size() {
      return size
    },
    async append(chunks, { signal } = {}) {
      const handle = await (file ??= open(path, 'wx'))
      try {
        for await (const chunk of chunks) {
          signal?.throwIfAborted()
          for (let offset = 0; offset < chunk.length;)
            offset += (await handle.write(chunk, offset)).bytesWritten
          hash.update(chunk)
          size += chunk.length
        }
      } catch (error) {
        if (systemCode(error) === 'ENOSPC') await drop()
        throw fileFailure('write', path, error)
      }
    },
    async finish(digest) {
      const handle = await (file ??= open(path, 'wx'))
      await handle.close()
      file = undefined
      const hex = digestAlgorithm(digest) === algorithm ? hash.digest('hex') : await hashFile(path, digest)
      if (hex !== digestHex(digest)) {
        await drop()
        return false
      }
      await place(path, digest)
      forget()
      return true
    },
    cancel: drop,
  }
}

async function hashFile(path: string, digest: Digest): Promise<string> {
  const hash: Hash = createHash(digestAlgorithm(digest))
  for await (const chunk of fileOpener(path)()) hash.update(chunk)
  return hash.digest('hex')
}
