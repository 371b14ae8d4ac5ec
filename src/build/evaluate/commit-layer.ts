/** What an instruction changed in the tree becomes a layer. */
import { Failure, failureAt, type Place } from '../../base/index.ts'
import { makeRecipe, type Entry } from '../../layer/index.ts'
import { identityOf } from '../copy/identity.ts'
import type { Change } from '../copy/working-change.ts'
import { withContent } from '../stored-content.ts'
import { baseName, resolvePath, type Node, type Tree } from '../tree.ts'
import type { InstructionContext } from './instruction-context.ts'
import { addHistory, addLayer, type StageState } from './stage-state.ts'

export interface Commit {
  readonly context: InstructionContext
  readonly place: Place
  /** for the history */
  readonly createdBy: string
}

/** A layer for what changed; without a change the instruction leaves only its history. */
export async function commitLayer(
  state: StageState,
  { nodes, hardLinks }: Change,
  { context, place, createdBy }: Commit,
): Promise<void> {
  const history = { created: context.created, created_by: createdBy, comment: context.historyComment }
  if (nodes.size === 0) {
    addHistory(state, { ...history, empty_layer: true })
    return
  }
  try {
    const found = await withContent([...nodes.values()], { signal: context.signal })
    const list = withInodes(withCapabilities(found, state.tree, context.capabilities), hardLinks)
    const recipe = makeRecipe(list.map((linked) => layerEntry(linked, context.mtime)))
    addLayer(
      state,
      { recipe, place },
      list.map(({ node }) => ({ ...node, mtime: context.mtime })),
    )
    addHistory(state, history)
  } catch (error) {
    throw failureAt(error, place)
  }
}

function withCapabilities(
  nodes: readonly Node[],
  tree: Tree,
  capabilities: ReadonlyMap<string, Uint8Array>,
): readonly Node[] {
  if (capabilities.size === 0) return nodes
  const byPath = new Map(Array.from(capabilities, ([path, value]) => [resolvePath(tree, path).path, value]))
  return nodes.map((node) => {
    const value = node.type === 'file' ? byPath.get(node.path) : undefined
    return value === undefined ? node : { ...node, xattrs: { ...node.xattrs, 'security.capability': value } }
  })
}

/** NAME_MAX of Linux */
const longestName = 255

interface LinkedNode {
  readonly node: Node
  /** the path in this layer that it is another name of */
  readonly target: string | undefined
}

/** Names of one file get one inode, so that a copy of this layer's tree knows them as hard links. */
function withInodes(nodes: readonly Node[], hardLinks: ReadonlyMap<string, string>): LinkedNode[] {
  const byPath = new Map(nodes.map((node) => [node.path, node]))
  const inodes = new Map<string, object>()
  const inodeOf = (path: string): object => {
    const inode = inodes.get(path) ?? {}
    inodes.set(path, inode)
    return inode
  }
  return nodes.map((node) => {
    if (node.type !== 'file') return { node, target: undefined }
    const listed = hardLinks.get(node.path)
    const target = listed !== undefined && isSameFile(node, byPath.get(listed)) ? listed : undefined
    return { node: { ...node, inode: inodeOf(target ?? node.path) }, target }
  })
}

/** A later source of the same instruction may have put another file at the place of the first. */
function isSameFile(node: Node, target: Node | undefined): boolean {
  return (
    target?.type === 'file' &&
    (target.source === node.source || isSameInode(target, node)) &&
    target.mode === node.mode &&
    target.uid === node.uid &&
    target.gid === node.gid
  )
}

function isSameInode(a: Node, b: Node): boolean {
  const identity = identityOf(a)
  return identity !== undefined && identity === identityOf(b)
}

function layerEntry({ node, target }: LinkedNode, mtime: number): Entry {
  const { inode: _, xattrs, source, ...rest } = node
  const nameLength = Buffer.byteLength(baseName(node.path))
  if (nameLength > longestName) {
    throw new Failure(
      'DOCKERFILE_INVALID',
      `"/${node.path}" ends in a name of ${nameLength} bytes, and a file system takes no more than ${longestName}`,
    )
  }
  if (node.device?.major === 0 && node.device.minor === 0 && node.type === 'character') {
    throw new Failure(
      'SOURCE_UNSUPPORTED',
      `"/${node.path}" cannot be put into a layer: a character device 0:0 means a removed file there`,
    )
  }
  if (target !== undefined) return { ...rest, type: 'hardlink', link: target, size: 0, mtime }
  // Layers of BuildKit carry this one attribute: the rest is of the machine or of the user.
  const capability = xattrs?.['security.capability']
  return {
    ...rest,
    mtime,
    ...(source && { source }),
    ...(capability && { xattrs: { 'security.capability': capability } }),
  }
}
