/**
 * A build context that exists nowhere: files and folders of the host, each under the name the Dockerfile knows it by
 * (docs/adr/0003-virtual-context.md). Istio's builder stages such a folder by copying; here nothing is copied.
 */
import { comparePathnames } from '../../base/index.ts'
import { baseName, joinPath, parentPath, rootNode, type Node, type Tree } from '../tree.ts'
import { folderTree, type HostTree } from './folder.ts'
import type { Witness } from './observation.ts'

export interface VirtualFile {
  /** path inside the context, such as `amd64/pilot-agent` */
  readonly name: string
  /** a second name that is found when asked for, but is not listed */
  readonly alias?: string
  /** absolute path on the host of a file or folder */
  readonly source: string
}

export interface VirtualOptions {
  readonly description: string
  readonly mtime?: number
  readonly warn?: (message: string) => void
}

export function virtualTree(files: readonly VirtualFile[], options: VirtualOptions): HostTree {
  const mounts = new Map<string, HostTree>()
  const names = new Map<string, Set<string>>([['', new Set()]])
  for (const file of files) {
    const tree = folderTree(file.source, options)
    mounts.set(file.name, tree)
    if (file.alias !== undefined && !mounts.has(file.alias)) mounts.set(file.alias, tree)
    for (let path = file.name; path !== ''; path = parentPath(path)) {
      const parent = parentPath(path)
      names.set(parent, (names.get(parent) ?? new Set()).add(baseName(path)))
    }
  }
  const watched = (witness?: Witness): Tree => {
    const views = new Map([...mounts].map(([name, tree]) => [name, witness ? tree.watched(witness) : tree]))
    const find = (path: string): { tree: Tree; inner: string } | undefined => {
      for (let mount = path; mount !== ''; mount = parentPath(mount)) {
        const tree = views.get(mount)
        if (tree) return { tree, inner: path.slice(mount.length + 1) }
      }
      return undefined
    }
    return {
      description: options.description,
      lookup: (path) => {
        const found = find(path)
        if (found) return renamed(found.tree.lookup(found.inner), path)
        return names.has(path) ? renamed(rootNode, path) : undefined
      },
      children: (path) => {
        const found = find(path)
        const listed = [...(names.get(path) ?? [])]
        if (!found) return listed.toSorted(comparePathnames)
        return [...new Set([...listed, ...found.tree.children(found.inner)])].toSorted(comparePathnames)
      },
    }
  }
  return { ...watched(), watched }
}

function renamed(node: Node | undefined, path: string): Node | undefined {
  return node === undefined ? undefined : { ...node, path }
}

/** The part of a tree below one of its directories, as a tree of its own. */
export function subtree(tree: Tree, directory: string, description: string): Tree {
  return {
    description,
    lookup: (path) => renamed(tree.lookup(joinPath(directory, path)), path),
    children: (path) => tree.children(joinPath(directory, path)),
  }
}
