/**
 * Files and folders as a part of the cache. When one was used last is when it was written or read last, whichever is
 * later: most file systems note reads at least once a day (`relatime`).
 */
import { lstat, readdir, rm, rmdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileFailure, isRunning, systemCode } from '../../base/index.ts'
import { sealSuffix } from '../sealed-file.ts'
import type { CacheEntry, CachePart } from './part.ts'
import { cachePlaces, type CacheName, type CachePlace } from './places.ts'

export interface EntriesPartOptions {
  /** the cache folder */
  readonly cache: string
  readonly name: CacheName
  /** folders of the program's versions: all others hold what is outdated */
  readonly version: string
}

export function entriesPart({ cache, name, version }: EntriesPartOptions): CachePart {
  const place: CachePlace = cachePlaces[name]
  const { shape } = place
  const patterns = shape.kind === 'entries' ? shape.patterns.map((pattern) => pattern.split('/')) : []
  const folder = join(cache, place.path)
  /** Fixed names of other patterns are folders of entries, not entries. */
  const fixed = new Set(patterns.flatMap(([first]) => (first === '*' ? [] : [first])))

  const find = async (path: string, pattern: readonly string[], found: CacheEntry[]): Promise<void> => {
    const [first, ...rest] = pattern
    const names = first === '*' ? await namesIn(join(folder, path)) : [first ?? '']
    for (const each of names) {
      const id = path === '' ? each : `${path}/${each}`
      if (path === '' && first === '*' && fixed.has(each)) continue
      if (rest.length > 0) await find(id, rest, found)
      else {
        const entry = await look(id, join(folder, id))
        if (entry)
          found.push(place.isPerVersion && !isOf(version, id) ? { ...entry, isOutdated: true } : entry)
      }
    }
  }
  return {
    name,
    what: place.what,
    isHandedOut: place.isHandedOut ?? false,
    async list() {
      const found: CacheEntry[] = []
      for (const pattern of patterns) await find('', pattern, found)
      return found
    },
    async remove(entries) {
      for (const { id } of entries) {
        await removeTree(join(folder, id))
        await removeTree(join(folder, `${id}${sealSuffix}`))
      }
      const parents = new Set(entries.flatMap(({ id }) => (id.includes('/') ? [dirname(id)] : [])))
      // A folder of a version, a layer or the like goes with the last of it.
      for (const parent of parents) await rmdir(join(folder, parent)).catch(() => undefined)
    },
  }
}

function isOf(version: string, id: string): boolean {
  return id.startsWith(`${version}/`)
}

/** A file or folder of the cache as an entry; nothing for what is gone, and for what a running process writes. */
export async function look(id: string, path: string): Promise<CacheEntry | undefined> {
  const name = id.slice(id.lastIndexOf('/') + 1)
  if (name.endsWith(sealSuffix)) return undefined
  const seen = { bytes: 0, usedMs: 0 }
  if (!(await measure(path, seen))) return undefined
  const isPartial = /\.(?:tmp|lock)$|^\.work-/.test(name)
  if (isPartial && !isAbandoned(name, seen.usedMs)) return undefined
  return { id, bytes: seen.bytes, usedMs: seen.usedMs, isOutdated: isPartial }
}

/** @throws Failure FILE_SYSTEM */
export async function removeTree(path: string): Promise<void> {
  try {
    await rm(path, { recursive: true, force: true })
  } catch (error) {
    throw fileFailure('remove', path, error)
  }
}

/** The age spares files of other machines and containers, whose processes cannot be seen. */
const abandonedAfterMs = 600_000

function isAbandoned(name: string, usedMs: number): boolean {
  const pid = Number(/(?:^|\.|\.work-)(\d+)-[0-9a-f]{12}/.exec(name)?.[1] ?? 0)
  return Date.now() - usedMs > abandonedAfterMs && !(pid > 0 && isRunning(pid))
}

/** Adds up sizes; false when nothing is there. Folders count by what is in them: looking at one counts as reading it. */
async function measure(path: string, seen: { bytes: number; usedMs: number }): Promise<boolean> {
  try {
    const stats = await lstat(path)
    if (!stats.isDirectory()) {
      seen.bytes += stats.size
      seen.usedMs = Math.max(seen.usedMs, stats.mtimeMs, stats.atimeMs)
      return true
    }
    seen.usedMs = Math.max(seen.usedMs, stats.mtimeMs)
  } catch (error) {
    if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') return false
    throw fileFailure('look at', path, error)
  }
  for (const name of await namesIn(path)) await measure(join(path, name), seen)
  return true
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).toSorted()
  } catch (error) {
    if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') return []
    throw fileFailure('list', folder, error)
  }
}
