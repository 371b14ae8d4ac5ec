/** Trees for tests, written as a table: `'bin': '-> usr/bin'`, `'usr/bin/': 0o755`, `'etc/passwd': 'root:x:0:0'`. */
import { emptyTree, overlayTree } from '../../src/build/overlay.ts'
import type { Node, Tree } from '../../src/build/tree.ts'

export type TreeTable = Readonly<Record<string, string | number | Partial<Node>>>

/** Directories end in "/" and have a mode; `-> target` is a symbolic link; other texts are contents of files. */
export function treeOf(table: TreeTable, description = 'the test image'): Tree {
  return overlayTree(emptyTree(description), { nodes: Object.entries(table).map(nodeOf) }, description)
}

function nodeOf([key, value]: [string, string | number | Partial<Node>]): Node {
  const isDirectory = key.endsWith('/')
  const path = isDirectory ? key.slice(0, -1) : key
  const common = { path, uid: 0, gid: 0, mtime: 0, size: 0 }
  if (isDirectory) {
    const extra = typeof value === 'object' ? value : { mode: Number(value) }
    return { ...common, type: 'directory', mode: 0o755, ...extra }
  }
  if (typeof value === 'object') return { ...common, type: 'file', mode: 0o644, ...value }
  const text = String(value)
  if (text.startsWith('-> ')) return { ...common, type: 'symlink', mode: 0o777, link: text.slice(3) }
  const bytes = Buffer.from(text)
  return {
    ...common,
    type: 'file',
    mode: 0o644,
    size: bytes.length,
    ...(bytes.length > 0 && { source: { kind: 'bytes', bytes } }),
  }
}

/** `d 755 0:0 usr/bin`, `f 644 0:0 etc/x`, `l 777 0:0 bin -> usr/bin`, in byte order. */
export function describeNodes(nodes: Iterable<Node>): string[] {
  return [...nodes]
    .toSorted((a, b) => (a.path < b.path ? -1 : 1))
    .map((node) => {
      const link = node.link === undefined ? '' : ` -> ${node.link}`
      return `${node.type === 'symlink' ? 'l' : node.type[0]!} ${node.mode.toString(8)} ${node.uid}:${node.gid} ${node.path}${link}`
    })
}
