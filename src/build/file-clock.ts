/**
 * How finely a file system stamps its files: the time within which a file can change twice and look the same. Known by
 * the type of the file system, looked up once for each device (statfs(2), f_type).
 */
import { statfsSync } from 'node:fs'
import { fsPath } from '../base/index.ts'

/** Kernels before 6.13 stamp files with the timer tick, 4 to 10 ms; twice that is safe. */
export const fineTickMs = 20
/** FAT and ext3 count whole seconds, in steps of up to 2. */
export const coarseTickMs = 2000
/** Stamped by the clock of another machine or of a host below us, and seen through caches of attributes. */
export const foreignTickMs = 60_000

/** Local file systems with stamps of nanoseconds by the clock of this kernel. */
const fine = new Set([
  0xef53, // ext4; ext3 is known by its whole seconds
  0x58465342, // XFS
  0x9123683e, // Btrfs
  0x01021994, // tmpfs
  0x858458f6, // ramfs
  0xf2f52010, // F2FS
  0x2fc12fc1, // ZFS
  0xca451a4e, // bcachefs
])
/** Local ones that are coarse, or whose stamps are those of a file system below. */
const coarse = new Set([
  0x4d44, // FAT
  0x2011bab0, // exFAT
  0x794c7630, // overlay
])

/** The tick of the file system a file is on, by device number; nobody else's files are asked for twice. */
export type FileClock = (file: { readonly dev: bigint; readonly path: string }) => number

/** @param typeOf f_type of the file system that holds a path */
export function newFileClock(typeOf: (path: string) => number = fileSystemType): FileClock {
  const ticks = new Map<bigint, number>()
  return ({ dev, path }) => {
    const tick = ticks.get(dev) ?? tickOf(path, typeOf)
    ticks.set(dev, tick)
    return tick
  }
}

function tickOf(path: string, typeOf: (path: string) => number): number {
  try {
    const type = typeOf(path)
    if (fine.has(type)) return fineTickMs
    return coarse.has(type) ? coarseTickMs : foreignTickMs
  } catch {
    // What cannot be asked is not known.
    return foreignTickMs
  }
}

function fileSystemType(path: string): number {
  // Types of macOS are numbers of its own, in the order its modules were loaded: APFS is all that counts there.
  if (process.platform === 'darwin') return 0xef53
  return statfsSync(fsPath(path)).type >>> 0
}
