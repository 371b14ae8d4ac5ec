/** Folders as lists of what is in them, to compare an unpacked image with what should be in it. */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { lstat, readdir, readlink } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'

export interface TreeEntry {
  readonly type: 'directory' | 'file' | 'symlink' | 'other'
  /** permission bits with setuid, setgid and sticky; of links always 0777 */
  readonly mode: number
  readonly uid: number
  readonly gid: number
  /** of files */
  readonly size?: number
  readonly sha256?: string
  /** target of links */
  readonly link?: string
}

/** Everything below a folder by relative path; the folder itself is not listed, links are not followed. */
export async function readTree(folder: string): Promise<Map<string, TreeEntry>> {
  const tree = new Map<string, TreeEntry>()
  const walk = async (prefix: string): Promise<void> => {
    for (const name of await readdir(join(folder, prefix))) {
      const path = join(prefix, name)
      const entry = await readEntry(join(folder, path))
      tree.set(path, entry)
      if (entry.type === 'directory') await walk(path)
    }
  }
  await walk('')
  return tree
}

export async function readEntry(path: string): Promise<TreeEntry> {
  const { mode, uid, gid, size, ...stats } = await lstat(path)
  const owner = { mode: mode & 0o7777, uid, gid }
  if ((mode & 0o170000) === 0o040000) return { type: 'directory', ...owner }
  if ((mode & 0o170000) === 0o120000)
    return { type: 'symlink', ...owner, mode: 0o777, link: await readlink(path) }
  if ((mode & 0o170000) !== 0o100000) return { type: 'other', ...owner, size: Number(stats.rdev) }
  return {
    type: 'file',
    ...owner,
    size,
    sha256: await hashFile(path),
  }
}

async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash)
  return hash.digest('hex')
}

/** One line per entry, for diffs that people read: `f 0755 1337:1337 bin/x 12 sha256`. */
export function describeTree(tree: ReadonlyMap<string, TreeEntry>): string[] {
  return [...tree]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([path, { type, mode, uid, gid, size, sha256, link }]) =>
      [
        type,
        mode.toString(8).padStart(4, '0'),
        `${uid}:${gid}`,
        path,
        ...(type === 'file' ? [size, sha256] : []),
        ...(type === 'symlink' ? [`-> ${link}`] : []),
      ].join(' '),
    )
}
