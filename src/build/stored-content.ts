/** Files of base images and archives that are copied: fetched when it is known which ones, each store in one pass. */
import { all, type Waiting } from '../base/index.ts'
import type { ContentStore, Node } from './tree.ts'

/** The nodes with sources for all their content; those that have one, or need none, as they are. */
export async function withContent(nodes: readonly Node[], options: Waiting = {}): Promise<Node[]> {
  const wanted = new Map<ContentStore, Set<string>>()
  for (const { stored } of nodes) {
    if (stored) wanted.set(stored.store, (wanted.get(stored.store) ?? new Set()).add(stored.key))
  }
  const found = new Map(
    await all(wanted, async ([store, keys]) => [store, await store.load(keys, options)] as const),
  )
  return nodes.map((node) => {
    if (!node.stored) return node
    const source = found.get(node.stored.store)?.get(node.stored.key)
    if (!source) throw new Error(`the store of "${node.path}" did not load ${node.stored.key}`)
    const { stored: _, ...rest } = node
    return { ...rest, source }
  })
}
