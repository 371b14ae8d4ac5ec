/** COPY and WORKDIR: the instructions that make layers. */
import { Failure, failureAt, type Place } from '../../base/index.ts'
import {
  expandWord,
  ignoreRules,
  type CopyInstruction,
  type Word,
  type WorkdirInstruction,
} from '../../dockerfile/index.ts'
import { makeRecipe, type Entry } from '../../layer/index.ts'
import { copyInto, makeDirectory, type Change, type CopySource } from '../copy/copy.ts'
import { parseMode } from '../copy/mode.ts'
import { parseOwner } from '../copy/owner.ts'
import { matchSources } from '../copy/sources.ts'
import { cleanPath, type Node, type Tree } from '../tree.ts'
import type { InstructionContext } from './instruction-context.ts'
import { addHistory, addLayer, runConfig, type StageState } from './stage-state.ts'

export function applyCopy(
  state: StageState,
  instruction: CopyInstruction,
  context: InstructionContext,
): void {
  const { sources, destination, place } = instruction
  const expand = (word: Word): string =>
    expandWord(word.text, state.scope, context.escape, { place: word.place }).text
  const tree = context.source(instruction.from?.text, instruction.from?.place ?? place)
  const texts = sources.map(expand)
  const target = expand(destination)
  const found = sources.flatMap((word, index) => findSources(tree, texts[index]!, word.place, context))
  const { chown, chmod } = instruction
  const owner = chown && parseOwner(expand(chown), state.tree, chown.place)
  const modeText = chmod && expand(chmod)
  const exclude = instruction.exclude.length === 0 ? undefined : ignoreRules(instruction.exclude)

  const change = located(place, () =>
    copyInto(state.tree, found, absolutePath(state, target), {
      owner,
      mode: modeText === undefined ? undefined : parseMode(modeText, chmod!.place),
      createdMode:
        modeText !== undefined && /^[0-7]+$/.test(modeText) ? Number.parseInt(modeText, 8) : undefined,
      exclude,
    }),
  )
  const shownFlags = [chown && `--chown=${expand(chown)}`, modeText && `--chmod=${modeText}`].filter(
    (flag) => flag,
  )
  commit(state, change, { context, place, createdBy: ['COPY', ...shownFlags, ...texts, target].join(' ') })
}

export function applyWorkdir(
  state: StageState,
  instruction: WorkdirInstruction,
  context: InstructionContext,
): void {
  const { path, place } = instruction
  const absolute = cleanPath(
    absolutePath(state, expandWord(path.text, state.scope, context.escape, { place: path.place }).text),
  )
  const config = runConfig(state)
  config.WorkingDir = `/${absolute}`
  const owner = config.User ? located(place, () => parseOwner(config.User!, state.tree, place)) : undefined
  const change = located(place, () => makeDirectory(state.tree, absolute, owner))
  commit(state, change, { context, place, createdBy: `WORKDIR /${absolute}` })
}

function findSources(tree: Tree, text: string, place: Place, context: InstructionContext): CopySource[] {
  const { paths, isPattern, climbs } = located(place, () => matchSources(tree, text))
  if (isPattern && paths.length === 0)
    context.warn(`"${text}" matches nothing in ${tree.description}, so nothing is copied`, place)
  if (climbs && !isPattern && tree.lookup(paths[0]!) === undefined) {
    throw new Failure('SOURCE_NOT_FOUND', `"${text}" is outside ${tree.description}`, {
      at: place,
      hint: 'a Dockerfile copies only from its context: move the file, widen the context, or give the folder a name with --build-context',
    })
  }
  return paths.map((path) => ({ tree, path, place }))
}

/** A path relative to the working directory as an absolute one; a "/" at its end stays. */
function absolutePath(state: StageState, path: string): string {
  if (path.startsWith('/')) return path
  const directory = runConfig(state).WorkingDir ?? '/'
  return `${directory === '/' ? '' : directory}/${path === '' ? './' : path}`
}

interface Commit {
  readonly context: InstructionContext
  readonly place: Place
  readonly createdBy: string
}

/** A layer for what changed; without a change the instruction leaves only its history. */
function commit(
  state: StageState,
  { nodes, hardLinks }: Change,
  { context, place, createdBy }: Commit,
): void {
  const entry = { created: context.created, created_by: createdBy, comment: context.historyComment }
  if (nodes.size === 0) {
    addHistory(state, { ...entry, empty_layer: true })
    return
  }
  const list = [...nodes.values()]
  const recipe = located(place, () =>
    makeRecipe(list.map((node) => layerEntry(node, { nodes, hardLinks, context, place }))),
  )
  addLayer(state, recipe, list)
  addHistory(state, entry)
}

function layerEntry(
  node: Node,
  { nodes, hardLinks, context, place }: Change & Omit<Commit, 'createdBy'>,
): Entry {
  if (node.type === 'file' && node.size > 0 && node.source === undefined) {
    throw new Failure(
      'DOCKERFILE_UNSUPPORTED',
      `copying "/${node.path}" out of the layers of a base image is not supported yet`,
      { at: place },
    )
  }
  const target = hardLinks.get(node.path)
  const isSame = target !== undefined && nodes.get(target)?.source === node.source
  if (!isSame) return { ...node, mtime: context.mtime }
  const { source: _, ...rest } = node
  return { ...rest, type: 'hardlink', link: target, size: 0, mtime: context.mtime }
}

function located<T>(place: Place, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw failureAt(error, place)
  }
}
