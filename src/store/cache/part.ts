/** One kind of what the cache keeps, as `slipway cache` sees it. */
import type { CacheName } from './places.ts'

export interface CacheEntry {
  /** names it within its part */
  readonly id: string
  /** on disk, without what the file system adds */
  readonly bytes: number
  /** milliseconds since the epoch, to the day where no more is known */
  readonly usedMs: number
  /** of another version of the program, or left by a process that was killed: of no use to anybody */
  readonly isOutdated: boolean
}

export interface CachePart {
  readonly name: CacheName
  /** for people */
  readonly what: string
  /** builds hold paths of it while they run */
  readonly isHandedOut: boolean
  readonly list: () => Promise<readonly CacheEntry[]>
  /** Removes entries; those that are gone already count as removed. @throws Failure FILE_SYSTEM */
  readonly remove: (entries: readonly CacheEntry[]) => Promise<void>
}
