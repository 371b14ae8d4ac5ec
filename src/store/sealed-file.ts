/**
 * Files of the cache that are read without their digest being checked: each has a seal beside it, `<name>.seal`, that
 * says what the file looked like when it was written. One that was cut, written to or restored from elsewhere since has
 * another inode, size or time, and is as good as absent until somebody proves it anew.
 */
import { lstatSync, readFileSync, type BigIntStats } from 'node:fs'
import { writeFile } from 'node:fs/promises'

export const sealSuffix = '.seal'

/** What tells that a file is as it was written: its device is none of it, as that changes when a machine starts. */
export function sealOf({ ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return [ino, size, mtimeNs, ctimeNs].join(' ')
}

/** Seals a file that is known to be right. A seal that cannot be written only costs time. */
export async function sealFile(path: string): Promise<void> {
  const stats = lstatSync(path, { bigint: true, throwIfNoEntry: false })
  if (stats) await writeFile(`${path}${sealSuffix}`, sealOf(stats)).catch(() => undefined)
}

/** Whether a file is as it was sealed. */
export function isSealed(path: string, stats: BigIntStats): boolean {
  try {
    return readFileSync(`${path}${sealSuffix}`, 'utf8') === sealOf(stats)
  } catch {
    return false
  }
}
