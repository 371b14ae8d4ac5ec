/** A change of an image's tree while it is made: each step sees the image with the steps before it. */
import { Failure } from '../../base/index.ts'
import { ancestors, parentPath, resolvePath, type Node, type Tree } from '../tree.ts'
import type { Owner } from './owner.ts'

export interface Change {
  /** new and replaced nodes, and every directory above them, by canonical path */
  readonly nodes: ReadonlyMap<string, Node>
  /** path -> earlier path of the same change that is the same file */
  readonly hardLinks: ReadonlyMap<string, string>
}

/** What directories get that are made on the way to something else. */
export interface CreatedAttributes {
  /** default 0755 */
  readonly mode?: number | undefined
  /** default 0:0 */
  readonly owner?: Owner | undefined
}

export interface WorkingChange {
  /** the image with what has changed so far; `children` lists what the image had */
  readonly tree: Tree
  /**
   * Makes a directory and what is missing above it, through the links of the image; returns its canonical path.
   * @throws Failure COPY_CONFLICT
   */
  makeDirectories(path: string, attributes?: CreatedAttributes): string
  put(node: Node): void
  /** Puts a node that is the same file as the one at `target`, which this change has put before. */
  putLink(node: Node, target: string): void
  /** Forgets what this change has put below a path. */
  removeBelow(path: string): void
  finish(): Change
}

export function startChange(image: Tree): WorkingChange {
  const nodes = new Map<string, Node>()
  const hardLinks = new Map<string, string>()
  const tree: Tree = {
    description: image.description,
    lookup: (path) => nodes.get(path) ?? image.lookup(path),
    children: (path) => image.children(path),
  }
  return {
    tree,
    makeDirectories(path, { mode = 0o755, owner } = {}) {
      const { path: canonical, node } = resolvePath(tree, path)
      if (node !== undefined && node.type !== 'directory') throw notDirectory(tree, canonical, node)
      for (const directory of canonical === '' ? [] : [...ancestors(canonical), canonical]) {
        const existing = tree.lookup(directory)
        if (existing === undefined)
          nodes.set(directory, madeDirectory(directory, tree.lookup(parentPath(directory)), { mode, owner }))
        else if (existing.type !== 'directory') throw notDirectory(tree, directory, existing)
      }
      return canonical
    },
    put(node) {
      hardLinks.delete(node.path)
      nodes.set(node.path, node)
    },
    putLink(node, target) {
      hardLinks.set(node.path, target)
      nodes.set(node.path, node)
    },
    removeBelow(path) {
      for (const other of nodes.keys()) {
        if (!other.startsWith(`${path}/`)) continue
        nodes.delete(other)
        hardLinks.delete(other)
      }
    },
    finish() {
      for (const path of Array.from(nodes.keys())) {
        for (const directory of ancestors(path)) {
          if (!nodes.has(directory)) nodes.set(directory, image.lookup(directory)!)
        }
      }
      return { nodes, hardLinks }
    },
  }
}

/** A directory as mkdir(2) makes it: below one with setgid it gets that bit and the group. */
function madeDirectory(path: string, parent: Node | undefined, attributes: CreatedAttributes): Node {
  const { mode = 0o755, owner } = attributes
  const inherited = (parent?.mode ?? 0) & 0o2000
  const { uid, gid } = owner ?? { uid: 0, gid: inherited === 0 ? 0 : parent!.gid }
  return { path, type: 'directory', mode: mode | inherited, uid, gid, mtime: 0, size: 0 }
}

function notDirectory(image: Tree, path: string, node: Node): Failure {
  return new Failure(
    'COPY_CONFLICT',
    `"/${path}" of ${image.description} is a ${node.type}, so nothing can be put below it`,
  )
}
