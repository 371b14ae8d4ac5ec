/**
 * The racy-clean rule (git's "racy git problem"): a file written within one tick of the file system's clock of being
 * read can change again without its times changing, so its digest must not be remembered.
 */
import type { Fingerprint, Recipe } from '../layer/index.ts'

/** Kernels before 6.13 stamp files with the timer tick, 4 to 10 ms; twice that is safe. */
const tickNs = 20_000_000n
/** FAT and some network file systems count whole seconds, in steps of up to 2. */
const coarseTickNs = 2_000_000_000n
const second = 1_000_000_000n

/**
 * Whether every file of a recipe was last changed well before `readMs` (milliseconds since the epoch), the moment
 * just before its content was read with its fingerprint proven. Times in the future are never clean.
 */
export function isClean(recipe: Recipe, readMs: number): boolean {
  return recipe.entries.every(
    ({ source }) => source?.kind !== 'file' || isCleanFile(source.fingerprint, readMs),
  )
}

/** The same for one file. */
export function isCleanFile(
  { mtimeNs, ctimeNs }: Pick<Fingerprint, 'mtimeNs' | 'ctimeNs'>,
  readMs: number,
): boolean {
  const readNs = BigInt(Math.floor(readMs)) * 1_000_000n
  const latest = mtimeNs > ctimeNs ? mtimeNs : ctimeNs
  const tick = mtimeNs % second === 0n && ctimeNs % second === 0n ? coarseTickNs : tickNs
  return latest < readNs - tick
}
