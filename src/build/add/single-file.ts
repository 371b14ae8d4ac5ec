/** A tree of one file: a download, a here-document. */
import type { FileSource } from '../../layer/index.ts'
import { rootNode, type Node, type Tree } from '../tree.ts'

export interface SingleFile {
  /** without "/" */
  readonly name: string
  /** permission bits */
  readonly mode: number
  /** bytes */
  readonly size: number
  readonly source: FileSource
}

/** The file belongs to 0:0. */
export function singleFileTree({ name, mode, size, source }: SingleFile, description: string): Tree {
  const file: Node = {
    path: name,
    type: 'file',
    mode,
    uid: 0,
    gid: 0,
    mtime: 0,
    size,
    ...(size > 0 && { source }),
  }
  return {
    description,
    lookup: (path) => (path === name ? file : path === '' ? rootNode : undefined),
    children: (path) => (path === '' ? [name] : []),
  }
}
