/**
 * The tree of an image while its layers are stacked: each layer is a small map over the one below, so that stages and
 * images which share a base share its tree.
 */
import { comparePathnames } from '../base/index.ts'
import { parentPath, rootNode, type Node, type Tree } from './tree.ts'

/** What one layer changes. A removed path hides itself and everything below it in lower layers. */
export interface TreeLayer {
  readonly nodes: Iterable<Node>
  readonly removed?: Iterable<string>
  /** directories whose lower content is hidden (opaque whiteouts) */
  readonly opaque?: Iterable<string>
}

export function emptyTree(description = 'scratch'): Tree {
  return { description, lookup: (path) => (path === '' ? rootNode : undefined), children: () => [] }
}

/** The tree with one more layer on top of `lower`. */
export function overlayTree(lower: Tree, layer: TreeLayer, description = lower.description): Tree {
  const nodes = new Map<string, Node>()
  const childrenOf = new Map<string, Set<string>>()
  const removed = new Set(layer.removed)
  const opaque = new Set(layer.opaque)
  for (const node of layer.nodes) {
    nodes.set(node.path, node)
    if (node.path === '') continue
    const parent = parentPath(node.path)
    const names = childrenOf.get(parent) ?? new Set<string>()
    names.add(node.path.slice(parent === '' ? 0 : parent.length + 1))
    childrenOf.set(parent, names)
  }
  const isHidden = hiddenBy(nodes, removed, opaque)
  return {
    description,
    lookup: (path) => nodes.get(path) ?? (isHidden(path) ? undefined : lower.lookup(path)),
    children: (path) => {
      const names = new Set(childrenOf.get(path))
      if (!isHidden(path) && !opaque.has(path)) {
        for (const name of lower.children(path)) {
          const child = path === '' ? name : `${path}/${name}`
          if (nodes.has(child) || !isHidden(child)) names.add(name)
        }
      }
      return [...names].toSorted(comparePathnames)
    },
  }
}

/** Whether a lower layer's path is hidden: removed, below a removed or opaque directory, or below a non-directory. */
function hiddenBy(
  nodes: Map<string, Node>,
  removed: Set<string>,
  opaque: Set<string>,
): (path: string) => boolean {
  return (path) => {
    if (removed.has(path)) return true
    if (path === '') return false
    for (let parent = parentPath(path); ; parent = parentPath(parent)) {
      if (removed.has(parent) || opaque.has(parent)) return true
      const node = nodes.get(parent)
      if (node !== undefined && node.type !== 'directory') return true
      if (parent === '') return false
    }
  }
}
