/**
 * What says that a source file has not changed since it was looked at: device, inode, size, both times and mode.
 * ctime is in because `touch -r`, `cp -p` and `tar x` restore mtime and nothing restores ctime.
 */
import { constants, type BigIntStats } from 'node:fs'
import type { EntryType } from './entry.ts'

/**
 * What lstat says of a source file. Two equal fingerprints mean unchanged content, unless the file was written within
 * the clock granularity of the look (the "racily clean" rule, which is the cache's to apply).
 */
export interface Fingerprint {
  readonly dev: bigint
  readonly ino: bigint
  /** bytes */
  readonly size: bigint
  /** nanoseconds since the epoch */
  readonly mtimeNs: bigint
  /** nanoseconds since the epoch */
  readonly ctimeNs: bigint
  /** file type and permission bits */
  readonly mode: bigint
}

/** The fingerprint in what `lstat(path, { bigint: true })` answered. */
export function fingerprintOf(stats: BigIntStats): Fingerprint {
  const { dev, ino, size, mtimeNs, ctimeNs, mode } = stats
  return { dev, ino, size, mtimeNs, ctimeNs, mode }
}

/** Whether both are equal in every field. */
export function sameFingerprint(a: Fingerprint, b: Fingerprint): boolean {
  return (
    a.size === b.size &&
    a.mtimeNs === b.mtimeNs &&
    a.ctimeNs === b.ctimeNs &&
    a.ino === b.ino &&
    a.dev === b.dev &&
    a.mode === b.mode
  )
}

const types = new Map<number, EntryType>([
  [constants.S_IFREG, 'file'],
  [constants.S_IFDIR, 'directory'],
  [constants.S_IFLNK, 'symlink'],
  [constants.S_IFCHR, 'character'],
  [constants.S_IFBLK, 'block'],
  [constants.S_IFIFO, 'fifo'],
])

/** The type of entry a file of this lstat mode becomes; nothing for sockets, which a tar cannot hold. */
export function entryTypeOf(mode: bigint | number): EntryType | undefined {
  return types.get(Number(mode) & constants.S_IFMT)
}
