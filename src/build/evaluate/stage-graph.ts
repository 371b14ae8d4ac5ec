/**
 * Which stages of a Dockerfile a build needs, and where each starts from. Stages nothing reaches are not looked at:
 * their bases may not even exist. Pure.
 */
import { Failure, nearest, type Place } from '../../base/index.ts'
import {
  expandWord,
  splitStages,
  type CopyInstruction,
  type Dockerfile,
  type Environment,
  type Stage,
  type Word,
} from '../../dockerfile/index.ts'
import type { Platform } from '../../oci/index.ts'
import { newScope, platformArgs } from './scope.ts'

/** Where a stage or a COPY --from takes its tree. */
export type Origin =
  | { readonly kind: 'scratch' }
  | { readonly kind: 'stage'; readonly index: number }
  /** a named context given by the user */
  | { readonly kind: 'context'; readonly name: string; readonly value: string }
  | { readonly kind: 'image'; readonly reference: string }

export interface StageNode {
  readonly stage: Stage
  readonly from: Origin
  /** `--platform` of FROM, expanded */
  readonly platform: string | undefined
}

export interface StageGraph {
  readonly nodes: readonly StageNode[]
  /** index of the stage to build */
  readonly target: number
  /** indexes of the stages the target needs, itself included */
  readonly reachable: ReadonlySet<number>
  /** ARGs before the first FROM and platform arguments; visible in FROM lines, and in stages that declare them */
  readonly globals: Environment
  /** names declared by an ARG before the first FROM */
  readonly declaredGlobals: ReadonlySet<string>
  /** what a `--from` of a COPY means in a given stage */
  readonly resolveFrom: (name: string, place: Place, stage: number) => Origin
}

export interface GraphOptions {
  readonly targetPlatform: Platform
  readonly buildPlatform: Platform
  readonly buildArgs: Readonly<Record<string, string>>
  /** named contexts by name */
  readonly contexts: Readonly<Record<string, string>>
  /** name of the stage to build; default the last */
  readonly stage?: string | undefined
}

/** @throws Failure DOCKERFILE_INVALID */
export function stageGraph(dockerfile: Dockerfile, options: GraphOptions): StageGraph {
  const { globalArgs, stages } = splitStages(dockerfile)
  const target = findTarget(stages, options.stage, dockerfile.file)
  const platforms = {
    target: options.targetPlatform,
    build: options.buildPlatform,
    stage: stages[target]?.name,
  }
  const globals = newScope(platformArgs(platforms, options.buildArgs))
  const declaredGlobals = new Set<string>()
  const expand = (word: Word): string =>
    expandWord(word.text, globals, dockerfile.escape, { place: word.place }).text
  for (const { pairs } of globalArgs) {
    for (const pair of pairs) {
      const name = pair.name.text
      declaredGlobals.add(name)
      const given = options.buildArgs[name] ?? (pair.value && expand(pair.value))
      if (given !== undefined) globals.set(name, given)
    }
  }
  const nodes = stages.map((stage): StageNode => {
    const { image, platform } = stage.from
    return {
      stage,
      from: fromOrigin(expand(image), stage, stages, options),
      platform: platform && expand(platform),
    }
  })
  const resolveFrom = (name: string, place: Place, stage: number): Origin =>
    resolveCopyFrom(name, place, { stage, stages, options })
  return {
    nodes,
    target,
    globals,
    declaredGlobals,
    resolveFrom,
    reachable: reachableStages(nodes, target, resolveFrom),
  }
}

/** FROM names an earlier stage, a named context, scratch or an image; a later stage of that name does not count. */
function fromOrigin(name: string, stage: Stage, stages: readonly Stage[], options: GraphOptions): Origin {
  if (name === '') {
    throw new Failure('DOCKERFILE_INVALID', `base name "${stage.from.image.text}" is empty after expansion`, {
      at: stage.from.image.place,
      hint: 'give its variable a default: ARG NAME=value before the first FROM, or ${NAME:-value}',
    })
  }
  const context = namedContext(name, options)
  if (context) return context
  const earlier = stages.slice(0, stage.index).findLast((candidate) => candidate.name === name.toLowerCase())
  if (earlier) return { kind: 'stage', index: earlier.index }
  return name === 'scratch' ? { kind: 'scratch' } : { kind: 'image', reference: name }
}

function namedContext(name: string, { contexts }: GraphOptions): Origin | undefined {
  const key = Object.keys(contexts).find((candidate) => candidate.toLowerCase() === name.toLowerCase())
  return key === undefined ? undefined : { kind: 'context', name: key, value: contexts[key]! }
}

function resolveCopyFrom(
  name: string,
  place: Place,
  where: { stage: number; stages: readonly Stage[]; options: GraphOptions },
): Origin {
  const { stages, stage, options } = where
  const context = namedContext(name, options)
  if (context) return context
  const index = /^\d+$/.test(name)
    ? Number(name)
    : stages.findLast((candidate) => candidate.name === name.toLowerCase())?.index
  if (index === undefined)
    return name === 'scratch' ? { kind: 'scratch' } : { kind: 'image', reference: name }
  if (index === stage)
    throw new Failure('DOCKERFILE_INVALID', `--from=${name} is the stage it stands in`, { at: place })
  if (stages[index] && index > stage) {
    throw new Failure('DOCKERFILE_INVALID', `--from=${name} is a stage that comes later`, {
      at: place,
      hint: 'move that stage up: a COPY takes only from stages above its own',
    })
  }
  if (stages[index]) return { kind: 'stage', index }
  throw new Failure(
    'DOCKERFILE_INVALID',
    `there is no stage ${name}: the Dockerfile has ${stages.length}, counted from 0`,
    { at: place },
  )
}

function findTarget(stages: readonly Stage[], target: string | undefined, file: string): number {
  if (target === undefined) return stages.length - 1
  const index = stages.findLastIndex((stage) => stage.name === target.toLowerCase())
  if (stages[index]) return index
  const names = stages.flatMap((stage) => stage.name ?? [])
  const near = nearest(target, names)
  const known = names.length === 0 ? 'none of its stages has a name' : `it has ${names.join(', ')}`
  throw new Failure('DOCKERFILE_INVALID', `there is no stage "${target}" in ${file}`, {
    hint: near === undefined ? known : `did you mean "${near}"?`,
  })
}

function reachableStages(
  nodes: readonly StageNode[],
  target: number,
  resolveFrom: StageGraph['resolveFrom'],
): Set<number> {
  const reachable = new Set<number>()
  const visit = (index: number, path: readonly number[], place: Place | undefined): void => {
    if (path.includes(index)) throw cycle(nodes, [...path, index], place)
    if (reachable.has(index)) return
    const { stage, from } = nodes[index]!
    const next = [...path, index]
    if (from.kind === 'stage') visit(from.index, next, stage.from.image.place)
    for (const { name, place: at } of copyFroms(stage)) {
      const origin = resolveFrom(name, at, index)
      if (origin.kind === 'stage') visit(origin.index, next, at)
    }
    reachable.add(index)
  }
  visit(target, [], undefined)
  return reachable
}

/** The `--from` values of a stage with their places. */
export function copyFroms(stage: Stage): { name: string; place: Place }[] {
  return stage.instructions
    .filter((instruction): instruction is CopyInstruction => instruction.keyword === 'COPY')
    .flatMap(({ from }) => (from ? [{ name: from.text, place: from.place }] : []))
}

function cycle(nodes: readonly StageNode[], path: readonly number[], at: Place | undefined): Failure {
  const names = path.map((index) => nodes[index]!.stage.name ?? String(index))
  return new Failure('DOCKERFILE_INVALID', `stages need each other in a circle: ${names.join(' -> ')}`, {
    at,
  })
}
