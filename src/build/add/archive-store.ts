/**
 * Archives that ADD unpacks, kept unpacked in the cache: `archives-1/<sha256 of the archive>/` has one file for each
 * file of the archive, named by its number, and `index.json`. A folder is complete or absent: it is made under another
 * name and renamed. Nothing of an archive is ever written under a name of its own choosing.
 */
import { createHash, randomBytes } from 'node:crypto'
import { createWriteStream, lstatSync } from 'node:fs'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { Failure, fileFailure, type Waiting } from '../../base/index.ts'
import { fingerprintOf, readTar, type Entry, type FileSource, type TarEntry } from '../../layer/index.ts'
import { memoFile, memoText, sealOf } from '../../store/index.ts'
import type { Archive } from '../copy/extract.ts'
import type { Node } from '../tree.ts'
import { decompressArchive, type ArchiveCompression } from './compression.ts'
import { readSource } from './proven-file.ts'

export interface ArchiveLimits {
  /** bytes of the archive without its compression */
  readonly bytes: number
  readonly entries: number
}

/** Far above what an image holds, far below what fills a disk by mistake or on purpose. */
export const archiveLimits: ArchiveLimits = { bytes: 32 * 2 ** 30, entries: 1_000_000 }

export interface UnpackOptions extends Waiting {
  /** folder for unpacked archives */
  readonly folder: string
  /** for messages: `rootfs.tar.xz` */
  readonly description: string
  readonly compression: ArchiveCompression
  readonly limits?: ArchiveLimits
}

/** What is kept of an entry; `file` is the number of the file with its content. */
interface IndexEntry extends Omit<Entry, 'source' | 'xattrs'> {
  readonly file?: number
  /** what that file looked like when it was written */
  readonly seal?: string
  /** `security.capability`, the one attribute that layers carry, as base64 */
  readonly capability?: string
}

/** @throws Failure ARCHIVE_INVALID | SOURCE_UNSUPPORTED | SOURCE_CHANGED | NO_SPACE | FILE_SYSTEM */
export async function unpackArchive(
  source: FileSource,
  options: UnpackOptions,
): Promise<{ archive: Archive; digest: string }> {
  const { folder, description } = options
  const temporary = join(folder, `${randomBytes(6).toString('hex')}.tmp`)
  try {
    await mkdir(temporary, { recursive: true, mode: 0o700 })
    const { entries, digest } = await unpack(source, temporary, options)
    await writeFile(join(temporary, 'index.json'), memoFile(JSON.stringify(entries)), { mode: 0o600 })
    // Another file may have had the same content, and layers refer to what was unpacked of it.
    const known = await storedArchive(folder, digest, description)
    if (known) return { archive: known, digest }
    await rm(join(folder, digest), { recursive: true, force: true })
    // It fails when another process was faster, whose copy then is as good.
    await rename(temporary, join(folder, digest)).catch(() => undefined)
    const archive = await storedArchive(folder, digest, description)
    if (archive) return { archive, digest }
    throw new Failure('FILE_SYSTEM', `cannot keep what was unpacked of ${description} in ${folder}`)
  } catch (error) {
    throw fileFailure('unpack', description, error)
  } finally {
    await rm(temporary, { recursive: true, force: true })
  }
}

/** An archive that was unpacked before; nothing when it was not, or when a part of it is missing or another. */
export async function storedArchive(
  folder: string,
  digest: string,
  description: string,
): Promise<Archive | undefined> {
  try {
    const text = await readFile(join(folder, digest, 'index.json'), 'utf8')
    const entries = (JSON.parse(memoText(text) ?? '') as IndexEntry[]).map((entry) =>
      nodeOf(entry, join(folder, digest)),
    )
    return entries.every((entry) => entry !== undefined) ? { description, entries } : undefined
  } catch {
    // missing, cut or foreign: it is unpacked again
    return undefined
  }
}

function nodeOf({ file, seal, capability, ...entry }: IndexEntry, folder: string): Node | undefined {
  const xattrs = capability && { xattrs: { 'security.capability': Buffer.from(capability, 'base64') } }
  if (file === undefined) return { ...entry, ...xattrs }
  const path = join(folder, String(file))
  const stats = lstatSync(path, { bigint: true, throwIfNoEntry: false })
  if (!stats?.isFile() || stats.size !== BigInt(entry.size) || sealOf(stats) !== seal) return undefined
  return { ...entry, ...xattrs, source: { kind: 'file', path, fingerprint: fingerprintOf(stats) } }
}

async function unpack(source: FileSource, folder: string, options: UnpackOptions) {
  const { description, compression, signal, limits = archiveLimits } = options
  const waiting = { signal, description }
  const hash = createHash('sha256')
  async function* hashed(): AsyncGenerator<Uint8Array, void, undefined> {
    for await (const chunk of readSource(source, { signal })) {
      hash.update(chunk)
      yield chunk
    }
  }
  const stream = limited(decompressArchive(hashed(), compression, waiting), limits.bytes, description)
  const entries: IndexEntry[] = []
  for await (const entry of readTar(stream, { ...waiting, keepsInside: true })) {
    if (entries.length >= limits.entries) throw tooMany(description, `${limits.entries} entries`)
    entries.push(await storeEntry(entry, folder, entries.length))
  }
  return { entries, digest: hash.digest('hex') }
}

/** The entry for the index, its content written to a file of that number. */
async function storeEntry(entry: TarEntry, folder: string, number: number): Promise<IndexEntry> {
  const { content, xattrs, ...rest } = entry
  checkEntry(rest)
  const capability = xattrs?.['security.capability']
  const kept = { ...rest, ...(capability && { capability: Buffer.from(capability).toString('base64') }) }
  if (entry.type !== 'file' || entry.size === 0) return kept
  const path = join(folder, String(number))
  await pipeline(
    Readable.from(content, { objectMode: false }),
    createWriteStream(path, { flags: 'wx', mode: 0o600 }),
  )
  return { ...kept, file: number, seal: sealOf(lstatSync(path, { bigint: true })) }
}

/** image-spec layer.md, "Whiteouts"; Linux knows ids of 32 bits */
function checkEntry({ path, uid, gid }: Omit<Entry, 'source'>): void {
  if (path.split('/').some((part) => part.startsWith('.wh.'))) {
    throw new Failure(
      'SOURCE_UNSUPPORTED',
      `"${path}" cannot be put into a layer: names that start with ".wh." mean a removed file there`,
      { hint: 'make the archive without it' },
    )
  }
  if (Math.max(uid, gid) > 0xffff_fffe)
    throw new Failure('ARCHIVE_INVALID', `"${path}" has an owner beyond 32 bits`)
}

async function* limited(
  stream: AsyncIterable<Uint8Array>,
  limit: number,
  description: string,
): AsyncGenerator<Uint8Array, void, undefined> {
  let size = 0
  for await (const chunk of stream) {
    size += chunk.length
    if (size > limit) throw tooMany(description, `${limit} bytes`)
    yield chunk
  }
}

function tooMany(description: string, what: string): Failure {
  return new Failure('ARCHIVE_INVALID', `${description} unpacks to more than ${what}`, {
    hint: 'this limit guards the disk; unpack the archive yourself and COPY the folder',
  })
}
