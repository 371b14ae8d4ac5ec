/**
 * Blobs that can be made again, kept in a folder below a cap: one file each, named by its digest, complete or absent.
 * What was used last stays longest. A file is proven by its digest when it is written, and once by every process that
 * finds it there; a cut or changed one is removed.
 */
import { createHash, randomBytes } from 'node:crypto'
import { mkdir, open, readdir, rename, rm, stat, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { isRunning, systemCode } from '../base/index.ts'
import { digestHex, type Descriptor, type Digest, type Opener } from '../oci/index.ts'
import { fileChunks } from './file-chunks.ts'

/** What names content: the parts of a descriptor that do. */
export type ContentName = Pick<Descriptor, 'digest' | 'size'>

export interface BlobCache {
  /** The bytes of a blob, proven; nothing when they are not there. Kept until `trim`. */
  find(name: ContentName): Promise<Opener | undefined>
  /**
   * Writes a stream to its end and says what it was. A disk that takes no more costs the copy and not the answer.
   * Errors of the stream come through as they are, and leave nothing.
   */
  write(stream: AsyncIterable<Uint8Array>): Promise<ContentName>
  /**
   * Removes what was used longest ago until the rest is below the cap, and what killed processes left. Looks only
   * when this process has written something.
   */
  trim(): Promise<void>
}

export interface BlobCacheOptions {
  /** bytes kept at most */
  readonly cap: number
}

/** The cache in a folder, which need not exist. */
export function openBlobCache(folder: string, { cap }: BlobCacheOptions): BlobCache {
  const proven = new Set<Digest>()
  const checking = new Map<Digest, Promise<boolean>>()
  let hasWritten = false
  const pathOf = (digest: Digest): string => join(folder, digestHex(digest))

  /** Proves a file, or removes it. */
  const check = async ({ digest, size }: ContentName): Promise<boolean> => {
    const path = pathOf(digest)
    const found = (await stat(path)).size
    if (found === size && (proven.has(digest) || (await hashFile(path)) === digest)) return true
    proven.delete(digest)
    await rm(path, { force: true })
    return false
  }
  return {
    async find(name) {
      const path = pathOf(name.digest)
      try {
        // One at a time, so that nobody removes what another has just made anew.
        const checked = checking.get(name.digest) ?? check(name).finally(() => checking.delete(name.digest))
        checking.set(name.digest, checked)
        if (!(await checked)) return undefined
        const now = new Date()
        await utimes(path, now, now)
      } catch (error) {
        // A file that cannot be used is as good as none.
        if (systemCode(error) === undefined) throw error
        return undefined
      }
      proven.add(name.digest)
      return fileChunks(path)
    },
    async write(stream) {
      hasWritten = true
      const copy = await startCopy(folder)
      const hash = createHash('sha256')
      let size = 0
      try {
        for await (const chunk of stream) {
          hash.update(chunk)
          size += chunk.length
          await copy.write(chunk)
        }
      } catch (error) {
        await copy.remove()
        throw error
      }
      const digest: Digest = `sha256:${hash.digest('hex')}`
      if (await copy.finish(pathOf(digest))) proven.add(digest)
      return { digest, size }
    },
    async trim() {
      if (!hasWritten) return
      const files = await filesOf(folder)
      let total = files.reduce((sum, file) => sum + file.size, 0)
      for (const { path, size } of files.toSorted((a, b) => a.usedMs - b.usedMs)) {
        if (total <= cap) return
        await rm(path, { force: true }).catch(() => undefined)
        total -= size
      }
    },
  }
}

interface Copy {
  write(chunk: Uint8Array): Promise<void>
  /** Gives the file its name; false when it could not be written. */
  finish(path: string): Promise<boolean>
  remove(): Promise<void>
}

/** A file beside its place; the first error of the disk ends it quietly. */
async function startCopy(folder: string): Promise<Copy> {
  const path = join(folder, `${process.pid}-${randomBytes(6).toString('hex')}.tmp`)
  const make = async () => {
    await mkdir(folder, { recursive: true })
    return open(path, 'wx')
  }
  let file = await make().catch(giveUp)
  const remove = async (): Promise<void> => {
    await file?.close().catch(() => undefined)
    file = undefined
    await rm(path, { force: true }).catch(() => undefined)
  }
  return {
    async write(chunk) {
      try {
        for (let offset = 0; file && offset < chunk.length;)
          offset += (await file.write(chunk, offset)).bytesWritten
      } catch (error) {
        giveUp(error)
        await remove()
      }
    },
    async finish(target) {
      try {
        if (!file) return false
        await file.close()
        await rename(path, target)
        return true
      } catch (error) {
        giveUp(error)
        await remove()
        return false
      }
    },
    remove,
  }
}

/** @throws the error unless the system refused something */
function giveUp(error: unknown): undefined {
  if (systemCode(error) === undefined) throw error
  return undefined
}

async function hashFile(path: string): Promise<Digest> {
  const hash = createHash('sha256')
  for await (const chunk of fileChunks(path)()) hash.update(chunk)
  return `sha256:${hash.digest('hex')}`
}

interface CachedFile {
  readonly path: string
  readonly size: number
  readonly usedMs: number
}

/** Complete files; those that a process left half-written are removed on the way. */
async function filesOf(folder: string): Promise<CachedFile[]> {
  const files: CachedFile[] = []
  for (const name of await readdir(folder).catch(() => [])) {
    const path = join(folder, name)
    const stats = await stat(path).catch(() => undefined)
    if (!stats?.isFile()) continue
    if (!name.endsWith('.tmp')) files.push({ path, size: stats.size, usedMs: stats.mtimeMs })
    else if (!isRunning(Number.parseInt(name, 10)) && Date.now() - stats.mtimeMs > abandonedAfterMs)
      await rm(path, { force: true }).catch(() => undefined)
  }
  return files
}

/** The age spares files of other machines and containers, whose processes cannot be seen. */
const abandonedAfterMs = 600_000
