/** What says that two nodes of a source are one file with two names. */
import type { ContentStore, Node } from '../tree.ts'

const stores = new WeakMap<ContentStore, number>()
let storeCount = 0

/** Equal for two names of one file; nothing for what has no content. */
export function identityOf(node: Node): unknown {
  if (node.type !== 'file') return undefined
  if (node.inode !== undefined) return node.inode
  if (node.stored !== undefined) return `${storeNumber(node.stored.store)} ${node.stored.key}`
  if (node.source?.kind !== 'file') return undefined
  return `${node.source.fingerprint.dev}:${node.source.fingerprint.ino}`
}

function storeNumber(store: ContentStore): number {
  const known = stores.get(store)
  if (known !== undefined) return known
  stores.set(store, ++storeCount)
  return storeCount
}
