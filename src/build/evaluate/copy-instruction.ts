/** COPY, ADD and WORKDIR: the instructions that make layers. */
import { all, Failure, failureAt, type Place } from '../../base/index.ts'
import {
  expandHeredoc,
  expandWord,
  ignoreRules,
  type AddInstruction,
  type CopyInstruction,
  type Heredoc,
  type Word,
  type WorkdirInstruction,
} from '../../dockerfile/index.ts'
import { isGitSource } from '../add/git-reference.ts'
import { singleFileTree } from '../add/single-file.ts'
import { copyInto, makeDirectory, type CopySource } from '../copy/copy.ts'
import { parseMode } from '../copy/mode.ts'
import { parseOwner } from '../copy/owner.ts'
import { cleanPath } from '../tree.ts'
import { addedSources, checkChecksum, isWebSource, warnIgnoredFlags } from './added-sources.ts'
import { commitLayer } from './commit-layer.ts'
import { copiedSources, parentsSources } from './copied-sources.ts'
import type { ExpandedWord } from './expanded-word.ts'
import type { InstructionContext } from './instruction-context.ts'
import { runConfig, type StageState } from './stage-state.ts'

export async function applyCopy(
  state: StageState,
  instruction: CopyInstruction,
  context: InstructionContext,
): Promise<void> {
  const { from, parents, place } = instruction
  const sources = instruction.sources.map((word) => expanded(state, word, context))
  for (const { text, place: at } of sources) refuseRemote(text, at)
  const tree = await context.source(from?.text, from?.place ?? place)
  const find = parents ? parentsSources : copiedSources
  const found = sources.flatMap((word) => find(tree, word, context))
  await applyFiles(state, instruction, context, { sources, found, flags: parents ? ['--parents'] : [] })
}

export async function applyAdd(
  state: StageState,
  instruction: AddInstruction,
  context: InstructionContext,
): Promise<void> {
  const sources = instruction.sources.map((word) => expanded(state, word, context))
  const checksum = instruction.checksum && expanded(state, instruction.checksum, context)
  checkChecksum(checksum, sources)
  const tree = await context.source(undefined, instruction.place)
  const options = { instruction, checksum, tree, context }
  const found = (await all(sources, (word) => addedSources(word, options))).flat()
  warnIgnoredFlags(found, instruction, context.warn)
  await applyFiles(state, instruction, context, { sources, found, flags: [] })
}

interface Files {
  /** the sources as the history names them */
  readonly sources: readonly ExpandedWord[]
  readonly found: readonly CopySource[]
  /** the flags that the history names first */
  readonly flags: readonly string[]
}

async function applyFiles(
  state: StageState,
  instruction: CopyInstruction | AddInstruction,
  context: InstructionContext,
  { sources, found, flags }: Files,
): Promise<void> {
  const { keyword, place, heredocs } = instruction
  const destination = expanded(state, instruction.destination, context).text
  const chown = filled(instruction.chown && expanded(state, instruction.chown, context))
  const chmod = filled(instruction.chmod && expanded(state, instruction.chmod, context))
  const inline = heredocs.map((heredoc) => inlineSource(state, heredoc))
  const change = located(place, () =>
    copyInto(state.tree, [...found, ...inline], absolutePath(state, destination), {
      owner: chown && parseOwner(chown.text, state.tree, chown.place),
      mode: chmod && parseMode(chmod.text, chmod.place),
      createdMode: chmod && /^[0-7]+$/.test(chmod.text) ? Number.parseInt(chmod.text, 8) : undefined,
      exclude: instruction.exclude.length === 0 ? undefined : ignoreRules(instruction.exclude),
    }),
  )
  const createdBy = [
    keyword,
    ...flags,
    ...(chown ? [`--chown=${chown.text}`] : []),
    ...(chmod ? [`--chmod=${chmod.text}`] : []),
    ...sources.map(({ text }) => text),
    ...heredocs.map(({ name }) => `<<${name}`),
    destination,
  ].join(' ')
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

function expanded(state: StageState, { text, place }: Word, { escape }: InstructionContext): ExpandedWord {
  return { text: expandWord(text, state.scope, escape, { place }).text, place }
}

/** A flag that expands to nothing is as good as none. */
function filled(word: ExpandedWord | undefined): ExpandedWord | undefined {
  return word?.text === '' ? undefined : word
}

/** @throws Failure DOCKERFILE_INVALID */
function refuseRemote(text: string, at: Place): void {
  if (!isGitSource(text) && !isWebSource(text)) return
  const what = isGitSource(text) ? 'a git repository' : 'a web address'
  throw new Failure('DOCKERFILE_INVALID', `COPY cannot copy from ${what}`, { at, hint: 'use ADD' })
}

/** A here-document as a file of mode 0644 with the name of its delimiter. */
function inlineSource(state: StageState, { name, content, expand, place }: Heredoc): CopySource {
  const path = name.replace(/^\/+/, '')
  if (path === '' || path.includes('/') || path === '.' || path === '..')
    throw new Failure('DOCKERFILE_INVALID', `"${name}" cannot be the name of a file`, {
      at: place,
      hint: 'give the here-document a plain name, and the folder as the destination',
    })
  const text = expand ? expandHeredoc(content, state.scope, { place }).text : content
  const bytes = Buffer.from(text, 'utf8')
  const file = { name: path, mode: 0o644, size: bytes.length, source: { kind: 'bytes', bytes } } as const
  return { tree: singleFileTree(file, `the here-document ${name}`), path, place }
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
