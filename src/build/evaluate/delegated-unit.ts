/** What a stage that is given away takes with it: the stages below it, and what these read from outside. */
import type { Place } from '../../base/index.ts'
import type { Dockerfile, Instruction, Stage } from '../../dockerfile/index.ts'
import type { Platform } from '../../oci/index.ts'
import type { BaseImage } from '../base/base-image.ts'
import type { EvaluateRequest } from './evaluate.ts'
import { stagePlatform } from './origins.ts'
import { copyFroms, type Origin, type StageGraph } from './stage-graph.ts'

/** The image an origin is; nothing for a folder, a stage and scratch. */
export type ResolveOrigin = (origin: Origin, platform: Platform) => Promise<BaseImage | undefined>

export interface UnitContext {
  readonly graph: StageGraph
  readonly dockerfile: Dockerfile
  readonly request: EvaluateRequest
  readonly resolve: ResolveOrigin
}

/** A stage with all the stages below it. */
export interface StageUnit {
  readonly index: number
  readonly stages: ReadonlySet<number>
  /** images and named contexts, as often as they are named */
  readonly outside: readonly NamedOrigin[]
  /** of all its stages, without FROM */
  readonly instructions: readonly Instruction[]
}

export interface NamedOrigin {
  /** as in the Dockerfile, expanded */
  readonly name: string
  /** as it is written */
  readonly written: string
  readonly origin: Origin
  readonly platform: Platform
  readonly place: Place
}

export function collectUnit(context: UnitContext, index: number): StageUnit {
  const stages = new Set<number>()
  const outside: NamedOrigin[] = []
  const pending = [index]
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (stages.has(next)) continue
    stages.add(next)
    for (const named of originsOf(context, next)) {
      if (named.origin.kind === 'stage') pending.push(named.origin.index)
      else if (named.origin.kind !== 'scratch') outside.push(named)
    }
  }
  const instructions = [...stages].flatMap((stage) => context.graph.nodes[stage]!.stage.instructions)
  return { index, stages, outside, instructions }
}

/** Where a stage runs something: its first RUN, or its FROM when a trigger of the base is one. */
export async function runPlace(
  { graph, request, resolve }: UnitContext,
  index: number,
): Promise<Place | undefined> {
  const { stage, from } = graph.nodes[index]!
  const run = stage.instructions.find(({ keyword }) => keyword === 'RUN')
  if (run) return run.place
  const triggers =
    from.kind === 'stage'
      ? graph.nodes[from.index]!.stage.instructions.flatMap((instruction) =>
          instruction.keyword === 'ONBUILD' ? [instruction.trigger] : [],
        )
      : ((await resolve(from, stagePlatform(graph, index, request.target.platform)))?.config.config
          ?.OnBuild ?? [])
  return triggers.some((trigger) => /^\s*RUN\s/i.test(trigger)) ? stage.from.image.place : undefined
}

/** What a stage stands on, copies from and mounts. */
export function originsOf(
  { graph, request }: Pick<UnitContext, 'graph'> & { readonly request: Pick<EvaluateRequest, 'target'> },
  index: number,
): NamedOrigin[] {
  const { stage, from } = graph.nodes[index]!
  const target = request.target.platform
  const base = {
    name: nameOf(from),
    written: stage.from.image.text,
    origin: from,
    platform: stagePlatform(graph, index, target),
    place: stage.from.image.place,
  }
  const others = [...copyFroms(stage), ...mountFroms(stage)].map(({ name, place }) => ({
    name,
    written: name,
    origin: graph.resolveFrom(name, place, index),
    platform: target,
    place,
  }))
  return [base, ...others]
}

function nameOf(origin: Origin): string {
  if (origin.kind === 'context') return origin.name
  return origin.kind === 'image' ? origin.reference : ''
}

/** The `from` of `RUN --mount=type=bind,from=NAME`. */
function mountFroms(stage: Stage): { name: string; place: Place }[] {
  return stage.instructions.flatMap((instruction) =>
    instruction.keyword !== 'RUN'
      ? []
      : instruction.mounts.flatMap(({ text, place }) => {
          const name = /(?:^|,)from=([^,]+)/.exec(text)?.[1]
          return name === undefined ? [] : [{ name, place }]
        }),
  )
}
