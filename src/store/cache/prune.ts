/** What goes when the cache is pruned, and its removal. */
import type { CacheEntry, CachePart } from './part.ts'

export interface PruneRule {
  /** everything goes */
  readonly isAll?: boolean
  /** goes when it was used before this moment, milliseconds since the epoch */
  readonly usedBeforeMs?: number | undefined
  /** what was used longest ago goes until all is at most as large; bytes */
  readonly mostBytes?: number | undefined
}

export interface ListedPart {
  readonly part: CachePart
  readonly entries: readonly CacheEntry[]
}

export async function listParts(parts: readonly CachePart[]): Promise<ListedPart[]> {
  const listed: ListedPart[] = []
  for (const part of parts) listed.push({ part, entries: await part.list() })
  return listed
}

/**
 * Picks what goes, part by part in the given order. What other versions of the program left goes by any rule and counts
 * first; then what was used longest ago. Pure.
 */
export function choosePruned(listed: readonly ListedPart[], rule: PruneRule): ListedPart[] {
  const gone = new Set<CacheEntry>()
  const all = listed.flatMap(({ entries }) => entries)
  const isOld = ({ usedMs }: CacheEntry) => rule.usedBeforeMs !== undefined && usedMs < rule.usedBeforeMs
  for (const entry of all) if (rule.isAll || entry.isOutdated || isOld(entry)) gone.add(entry)
  if (rule.mostBytes !== undefined) {
    let left = all.reduce((sum, entry) => sum + (gone.has(entry) ? 0 : entry.bytes), 0)
    for (const entry of all.filter((each) => !gone.has(each)).toSorted((a, b) => a.usedMs - b.usedMs)) {
      if (left <= rule.mostBytes) break
      gone.add(entry)
      left -= entry.bytes
    }
  }
  return listed
    .map(({ part, entries }) => ({ part, entries: entries.filter((entry) => gone.has(entry)) }))
    .filter(({ entries }) => entries.length > 0)
}

/** Of what goes, all that running builds cannot hold. */
export function withoutHandedOut(chosen: readonly ListedPart[]): ListedPart[] {
  return chosen.filter(({ part }) => !part.isHandedOut)
}
