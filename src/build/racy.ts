/**
 * The racy-clean rule (git's "racy git problem"): a file written within one tick of the file system's clock of being
 * read can change again without its times changing, so its digest must not be remembered.
 */
import type { Recipe } from '../layer/index.ts'
import { coarseTickMs, fineTickMs, newFileClock, type FileClock } from './file-clock.ts'

export interface StampedFile {
  readonly path: string
  readonly dev: bigint
  readonly mtimeNs: bigint
  readonly ctimeNs: bigint
}

const second = 1_000_000_000n
const million = 1_000_000n

/** One for the process: what a device is does not change. */
const processClock = newFileClock()

/**
 * Whether every file of a recipe was last changed well before `readMs` (milliseconds since the epoch), the moment
 * just before its content was read with its fingerprint proven. Times in the future are never clean.
 */
export function isClean(recipe: Recipe, readMs: number, clock: FileClock = processClock): boolean {
  return recipe.entries.every(
    ({ source }) =>
      source?.kind !== 'file' || isCleanFile({ ...source.fingerprint, path: source.path }, readMs, clock),
  )
}

/** The same for one file. */
export function isCleanFile(file: StampedFile, readMs: number, clock: FileClock = processClock): boolean {
  const readNs = BigInt(Math.floor(readMs)) * million
  const { mtimeNs, ctimeNs } = file
  const latest = mtimeNs > ctimeNs ? mtimeNs : ctimeNs
  const isOlderThan = (tickMs: number) => latest < readNs - BigInt(tickMs) * million
  if (!isOlderThan(fineTickMs)) return false
  if (mtimeNs % second === 0n && ctimeNs % second === 0n && !isOlderThan(coarseTickMs)) return false
  return isOlderThan(clock(file))
}
