/** What runs of a process remember of earlier ones and leave to later ones. */
import type { Waiting } from '../base/index.ts'
import {
  cachePath,
  memoryLayerLog,
  openBlobCache,
  openLayerLog,
  openMemoFiles,
  openRecipeNotes,
  useCache,
  type BlobCache,
  type LayerLog,
  type MemoFiles,
  type RecipeNotes,
} from '../store/index.ts'

export interface RunCache {
  /** Says that runs of this process use the cache, until it is closed; waits while something is removed from it. */
  readonly use: (options: Waiting) => Promise<void>
  readonly layers: () => LayerLog
  readonly compressed: () => LayerLog
  /** which files were large layers in which sizes */
  readonly slots: () => LayerLog
  readonly packed: BlobCache
  readonly recipes: RecipeNotes
  /** what builds were made of */
  readonly history: MemoFiles
  /** Keeps it from growing without end, and lets others remove what they want. */
  readonly close: () => Promise<void>
}

export interface RunCacheOptions {
  /** nothing of earlier runs counts */
  readonly noCache?: boolean | undefined
}

/** Bytes of compressed layers that are kept between runs. */
const packedCap = 4 * 2 ** 30

/** @param folder the cache folder, which need not exist */
export function openRunCache(folder: string, { noCache }: RunCacheOptions): RunCache {
  const open = (name: 'layers' | 'compressed' | 'slots') =>
    noCache ? memoryLayerLog() : openLayerLog(cachePath(folder, name))
  const recipes = openRecipeNotes(cachePath(folder, 'recipes'))
  const packed = openBlobCache(cachePath(folder, 'packed'), { cap: packedCap })
  let use: Promise<{ release: () => void }> | undefined
  let layers: LayerLog | undefined
  let compressed: LayerLog | undefined
  let slots: LayerLog | undefined
  return {
    use: async (options) => void (await (use ??= useCache(folder, options))),
    layers: () => (layers ??= open('layers')),
    compressed: () => (compressed ??= open('compressed')),
    slots: () => (slots ??= open('slots')),
    packed,
    recipes,
    history: openMemoFiles(cachePath(folder, 'history')),
    async close() {
      const [forgotten = []] = await Promise.all([
        layers?.trim(),
        compressed?.trim(),
        slots?.trim(),
        packed.trim(),
      ])
      await recipes.remove(forgotten)
      const used = await use?.catch(() => undefined)
      used?.release()
    },
  }
}
