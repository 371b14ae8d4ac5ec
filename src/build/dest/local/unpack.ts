/** A tar, with directories before what is in them, as files in an empty folder. */
import { chmod, lchown, link, lutimes, mkdir, open, symlink, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { fileFailure, fsPath, type Tally, type Waiting } from '../../../base/index.ts'
import { readTar, type TarEntry } from '../../../layer/index.ts'

export interface UnpackOptions extends Waiting {
  readonly tally: Tally
  /** give files the owners they have in the image, which only root can */
  readonly keepsOwners: boolean
}

/** What of an image a folder could not take. */
export interface UnpackLosses {
  /** entries whose owner is not who unpacked them */
  readonly owners: number
  /** paths of devices and pipes, which were left out */
  readonly specials: readonly string[]
  /** paths of files that lost their extended attributes, such as capabilities */
  readonly attributes: readonly string[]
}

/** Symbolic links of the image are never followed: each path is made once, in directories made before. @throws Failure */
export async function unpack(
  chunks: AsyncIterable<Uint8Array>,
  folder: string,
  options: UnpackOptions,
): Promise<UnpackLosses> {
  const { signal, keepsOwners } = options
  const directories: TarEntry[] = []
  const specials: string[] = []
  const attributes: string[] = []
  const ownId = process.getuid?.() ?? 0
  let owners = 0
  for await (const entry of readTar(chunks, { signal })) {
    const path = join(folder, entry.path)
    try {
      if (isSpecial(entry)) {
        specials.push(entry.path)
        continue
      }
      await makeEntry(entry, path, folder, options)
      if (entry.xattrs) attributes.push(entry.path)
      if (entry.uid !== ownId && !keepsOwners) owners++
      if (entry.type === 'directory') directories.push(entry)
      else if (entry.type !== 'hardlink') await setAttributes(entry, path, keepsOwners)
    } catch (error) {
      throw fileFailure('write', path, error)
    }
  }
  // A directory that takes no new names, or gets a new time by them, is finished after what is in it.
  for (const entry of directories.toReversed())
    await setAttributes(entry, join(folder, entry.path), keepsOwners)
  return { owners, specials, attributes }
}

function isSpecial({ type }: TarEntry): boolean {
  return type === 'character' || type === 'block' || type === 'fifo'
}

async function makeEntry(
  entry: TarEntry,
  path: string,
  folder: string,
  options: UnpackOptions,
): Promise<void> {
  if (entry.type === 'directory') await mkdir(fsPath(path), 0o700)
  else if (entry.type === 'symlink') await symlink(fsPath(entry.link ?? ''), fsPath(path))
  else if (entry.type === 'hardlink') await link(fsPath(join(folder, entry.link ?? '')), fsPath(path))
  else await writeContent(entry, path, options)
}

async function writeContent(
  { content }: TarEntry,
  path: string,
  { tally, signal }: UnpackOptions,
): Promise<void> {
  const file = await open(fsPath(path), 'wx', 0o600)
  try {
    for await (const chunk of content) {
      signal?.throwIfAborted()
      for (let offset = 0; offset < chunk.length;) {
        const { bytesWritten } = await file.write(chunk, offset)
        offset += bytesWritten
        tally.bytesWritten += bytesWritten
      }
    }
  } finally {
    await file.close()
  }
}

/** The owner comes first, as a new one takes the setuid bit away. */
async function setAttributes(entry: TarEntry, path: string, keepsOwners: boolean): Promise<void> {
  const { mode, uid, gid, mtime, type } = entry
  if (keepsOwners) await lchown(fsPath(path), uid, gid)
  if (type === 'symlink') return lutimes(fsPath(path), mtime, mtime)
  await chmod(fsPath(path), mode)
  await utimes(fsPath(path), mtime, mtime)
}
