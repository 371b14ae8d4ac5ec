/** What a layer is called where it has no digest yet. */
import type { Entry, Recipe } from '../layer/index.ts'

/** The largest file in it, as the image has it; nothing for a layer without content. */
export function largestSource({ entries }: Recipe): string | undefined {
  let largest: Entry | undefined
  for (const entry of entries) if (entry.source && entry.size > (largest?.size ?? -1)) largest = entry
  return largest && `/${largest.path}`
}
