/** COPY and WORKDIR: the instructions that make layers. */
import { Failure, failureAt, type Place } from '../../base/index.ts'
import {
  expandWord,
  ignoreRules,
  type CopyInstruction,
  type Word,
  type WorkdirInstruction,
} from '../../dockerfile/index.ts'
import { copyInto, makeDirectory, type CopySource } from '../copy/copy.ts'
import { parseMode } from '../copy/mode.ts'
import { parseOwner } from '../copy/owner.ts'
import { matchSources } from '../copy/sources.ts'
import { cleanPath, type Tree } from '../tree.ts'
import { commitLayer } from './commit-layer.ts'
import type { InstructionContext } from './instruction-context.ts'
import { runConfig, type StageState } from './stage-state.ts'

export async function applyCopy(
  state: StageState,
  instruction: CopyInstruction,
  context: InstructionContext,
): Promise<void> {
  const { sources, destination, place } = instruction
  const expand = (word: Word): string =>
    expandWord(word.text, state.scope, context.escape, { place: word.place }).text
  const tree = await context.source(instruction.from?.text, instruction.from?.place ?? place)
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
  const createdBy = ['COPY', ...shownFlags, ...texts, target].join(' ')
  await commitLayer(state, change, { context, place, createdBy })
}

export async function applyWorkdir(
  state: StageState,
  instruction: WorkdirInstruction,
  context: InstructionContext,
): Promise<void> {
  const { path, place } = instruction
  const absolute = cleanPath(
    absolutePath(state, expandWord(path.text, state.scope, context.escape, { place: path.place }).text),
  )
  const config = runConfig(state)
  config.WorkingDir = `/${absolute}`
  const owner = config.User ? located(place, () => parseOwner(config.User!, state.tree, place)) : undefined
  const change = located(place, () => makeDirectory(state.tree, absolute, owner))
  await commitLayer(state, change, { context, place, createdBy: `WORKDIR /${absolute}` })
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

function located<T>(place: Place, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw failureAt(error, place)
  }
}
