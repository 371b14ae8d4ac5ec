/** Walks stages as the tree they form, instruction by instruction, and asks the rules. */
import { parseInstruction } from '../dockerfile.ts'
import type { Dockerfile, StageInstruction } from '../instruction.ts'
import type { Stage } from '../stages.ts'
import { checkCommand } from './command-rules.ts'
import { checkSources } from './copy-rules.ts'
import { checkPorts } from './expose-rules.ts'
import type { LintBase, LintOptions } from './finding.ts'
import type { FromWords } from './from-words.ts'
import { cutValue, orReport, type Globals, type Platforms } from './globals.ts'
import { newJournal, type Journal } from './journal.ts'
import { formatLintPlatform, readPlatform } from './platform-name.ts'
import type { Report } from './report.ts'
import { checkPairs, checkSecrets, checkWorkdir } from './setting-rules.ts'
import type { Speller } from './spelling.ts'
import type { StageView } from './stage-view.ts'
import { expandChecked, expandInstruction, splitChecked, type VariableContext } from './variables.ts'

const instructionRules = [checkCommand, checkPairs, checkPorts, checkSecrets, checkSources, checkWorkdir]

/** Triggers may stand on any number of stages; more than these are not looked at in one file. */
const mostTriggers = 10_000

export interface StageWalk {
  readonly dockerfile: Dockerfile
  readonly options: LintOptions
  readonly platforms: Platforms
  readonly globals: Globals
  readonly stages: readonly Stage[]
  readonly froms: readonly FromWords[]
  readonly parents: readonly (number | undefined)[]
  /** stages to look at; the ones they begin from are among them */
  readonly reachable: ReadonlySet<number>
  readonly report: Report
  readonly speller: Speller
}

/** What a stage hands on to those that begin from it, beside its variables. */
interface Heritage {
  readonly os: string
  readonly isBaseKnown: boolean
  readonly hasShell: boolean
  readonly hasWorkdir: boolean
  readonly triggers: readonly string[]
}

export function walkStages(walk: StageWalk): void {
  const journal = newJournal()
  const children = new Map<number | undefined, number[]>()
  for (const { index } of walk.stages) {
    if (!walk.reachable.has(index)) continue
    const parent = walk.parents[index]
    const siblings = children.get(parent)
    if (siblings) siblings.push(index)
    else children.set(parent, [index])
  }
  const budget = { triggers: mostTriggers }
  const open: ({ index: number; heritage: Heritage | undefined } | { mark: number })[] = []
  const enter = (indexes: readonly number[] | undefined, heritage: Heritage | undefined): void => {
    for (const index of (indexes ?? []).toReversed()) open.push({ index, heritage })
  }
  enter(children.get(undefined), undefined)
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if ('mark' in next) journal.undo(next.mark)
    else {
      open.push({ mark: journal.mark() })
      const { index, heritage } = next
      const own = heritage ?? startStage(walk.stages[index]!, walk, journal)
      enter(children.get(index), walkStage(walk.stages[index]!, own, { ...walk, journal, budget }))
    }
  }
}

/** A stage that begins from an image, from scratch or from a named context. */
function startStage(stage: Stage, walk: StageWalk, journal: Journal): Heritage {
  const { image, platform } = walk.froms[stage.index]!
  const { contexts = [], base: baseOf } = walk.options
  const isContext = contexts.some((name) => name.toLowerCase() === image.toLowerCase())
  const isScratch = image === 'scratch' && !isContext
  const said = platform === undefined ? undefined : readPlatform(platform, walk.platforms.build)
  const wanted = said ?? walk.platforms.target
  const base = isScratch || isContext || image === '' ? undefined : baseOf?.(image, platform)
  if (base) checkPlatform(base, wanted, stage, walk)
  const { os } = isScratch ? walk.platforms.target : wanted
  setEnvironment(base?.env ?? [], os, journal)
  return {
    os,
    isBaseKnown: isScratch || base !== undefined,
    hasShell: base?.hasShell ?? false,
    hasWorkdir: false,
    triggers: base?.onbuild ?? [],
  }
}

/** The variables of a base, and PATH, which every stage has. */
function setEnvironment(lines: readonly string[], os: string, journal: Journal): void {
  for (const line of lines) {
    const equals = line.indexOf('=')
    const name = equals === -1 ? line : line.slice(0, equals)
    journal.set(name, equals === -1 ? '' : cutValue(line.slice(equals + 1)))
  }
  if (journal.get('PATH') === undefined && os !== 'windows') {
    journal.set('PATH', '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin')
  }
}

/** InvalidBaseImagePlatform. */
function checkPlatform(
  { platform }: LintBase,
  wanted: Platforms['target'],
  { from, index }: Stage,
  { froms, report }: StageWalk,
): void {
  if (platform.os === wanted.os && platform.architecture === wanted.architecture) return
  report.add(
    'InvalidBaseImagePlatform',
    from.place,
    `Base image ${froms[index]!.image} was pulled with platform "${formatLintPlatform(platform)}", expected "${formatLintPlatform(wanted)}" for current build`,
  )
}

type StageContext = StageWalk & { readonly journal: Journal; readonly budget: { triggers: number } }

function walkStage(stage: Stage, heritage: Heritage, context: StageContext): Heritage {
  const { dockerfile, options, journal, speller, budget } = context
  const variables: VariableContext = {
    journal,
    speller,
    escape: dockerfile.escape,
    isBaseKnown: heritage.isBaseKnown,
  }
  let { hasShell, hasWorkdir } = heritage
  const triggers: string[] = []
  const earlier: StageView['earlier'] = new Map()
  const visit = (instruction: StageInstruction): void => {
    const report = context.report.under(instruction.comments)
    const texts = expandInstruction(instruction, variables, report)
    const view: StageView = {
      os: heritage.os,
      ignore: options.ignore,
      hasShell,
      hasWorkdir,
      earlier,
      text: (word) => texts.get(word) ?? word.text,
      words: (word) => splitChecked(word, variables, report),
    }
    for (const rule of instructionRules) rule(instruction, view, report)
    earlier.set(instruction.keyword, instruction)
    if (instruction.keyword === 'SHELL') hasShell = true
    else if (instruction.keyword === 'WORKDIR') hasWorkdir = true
    else if (instruction.keyword === 'ONBUILD') triggers.push(instruction.trigger)
    else if (instruction.keyword === 'ENV') {
      for (const { name, value } of instruction.pairs)
        journal.set(view.text(name), cutValue(view.text(value)))
    } else if (instruction.keyword === 'ARG') setArgs(instruction, { ...context, variables, report })
  }
  for (const trigger of heritage.triggers) {
    if (budget.triggers-- <= 0) break
    const instruction = orReport(context.report, () => parseInstruction(trigger, stage.from.place))
    if (instruction) visit({ ...instruction, comments: [] })
  }
  for (const instruction of stage.instructions) visit(instruction)
  return { ...heritage, hasShell, hasWorkdir, triggers }
}

/** One ARG after the other: a default may use those before it. */
function setArgs(
  { pairs }: StageInstruction & { keyword: 'ARG' },
  context: StageContext & { variables: VariableContext; report: Report },
): void {
  const { journal, globals, variables, report } = context
  const given = context.options.buildArgs ?? {}
  for (const { name, value } of pairs) {
    const text = Object.hasOwn(given, name.text)
      ? given[name.text]
      : value === undefined
        ? globals.values.get(name.text)
        : expandChecked(value, variables, report)
    if (text !== undefined) journal.set(name.text, cutValue(text))
    journal.declare(name.text)
  }
}
