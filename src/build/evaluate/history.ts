/** History that lines up with layers (config.md, "history"): as many entries without `empty_layer` as diff ids. */
import type { HistoryEntry } from '../../oci/index.ts'

/** The base's history, with neutral entries added or surplus ones marked empty so that it lines up. */
export function checkHistory(history: readonly HistoryEntry[] | undefined, layers: number): HistoryEntry[] {
  const entries = [...(history ?? [])]
  let counted = 0
  const aligned = entries.map((entry) => {
    if (entry.empty_layer) return entry
    counted++
    return counted > layers ? { ...entry, empty_layer: true } : entry
  })
  for (; counted < layers; counted++) aligned.push({ comment: 'layer of the base without history' })
  return aligned
}
