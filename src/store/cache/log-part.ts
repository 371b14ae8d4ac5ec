/** A log of digests as a part of the cache. */
import { Failure } from '../../base/index.ts'
import { readLayerLog, rewriteLayerLog } from '../layer-log.ts'
import type { CacheEntry, CachePart } from './part.ts'
import { cachePath, cachePlaces, type CacheName } from './places.ts'

const dayMs = 86_400_000

export function logPart(cache: string, name: CacheName): CachePart {
  const path = cachePath(cache, name)
  return {
    name,
    what: cachePlaces[name].what,
    isHandedOut: false,
    list: async () =>
      Array.from(readLayerLog(path).known, ([id, { day, bytes }]): CacheEntry => {
        return { id, bytes, usedMs: Math.min(Date.now(), (day + 1) * dayMs - 1), isOutdated: false }
      }),
    async remove(entries) {
      if (entries.length === 0) return
      const gone = new Set(entries.map(({ id }) => id))
      const isDone = await rewriteLayerLog(path, (key) => !gone.has(key))
      if (!isDone) throw new Failure('FILE_SYSTEM', `cannot write ${path}`)
    },
  }
}
