/** What an instruction changed in the tree becomes a layer. */
import { failureAt, type Place } from '../../base/index.ts'
import { makeRecipe, type Entry } from '../../layer/index.ts'
import type { Change } from '../copy/copy.ts'
import { withContent } from '../stored-content.ts'
import type { Node } from '../tree.ts'
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
    const list = await withContent([...nodes.values()], { signal: context.signal })
    const found = new Map(list.map((node) => [node.path, node]))
    const recipe = makeRecipe(list.map((node) => layerEntry(node, found, hardLinks, context.mtime)))
    addLayer(state, recipe, list)
    addHistory(state, history)
  } catch (error) {
    throw failureAt(error, place)
  }
}

function layerEntry(
  node: Node,
  nodes: ReadonlyMap<string, Node>,
  hardLinks: ReadonlyMap<string, string>,
  mtime: number,
): Entry {
  const target = hardLinks.get(node.path)
  if (target === undefined || !isSameFile(node, nodes.get(target))) return { ...node, mtime }
  const { source: _, xattrs: _xattrs, ...rest } = node
  return { ...rest, type: 'hardlink', link: target, size: 0, mtime }
}

/** A later source of the same instruction may have put another file at the place of the first. */
function isSameFile(node: Node, target: Node | undefined): boolean {
  return target?.type === node.type && target.source === node.source && target.size === node.size
}
