/**
 * Stages with RUN, which a builder of this machine does whole, and what is left to do here. A stage that holds RUN, or
 * gets it from an ONBUILD trigger, is given away with everything below it; what stands on its result is not.
 */
import { all, once, type Place } from '../../base/index.ts'
import type { Dockerfile } from '../../dockerfile/index.ts'
import { formatPlatform, formatReference, parseReference } from '../../oci/index.ts'
import type { BaseImage } from '../base/base-image.ts'
import { delegatedState } from './delegated-state.ts'
import { collectUnit, originsOf, runPlace, type ResolveOrigin, type UnitContext } from './delegated-unit.ts'
import { stageRequest } from './delegated-request.ts'
import type { EvaluateRequest } from './evaluate.ts'
import { folderOfContext, imageOf, referenceOf } from './origins.ts'
import type { StageGraph } from './stage-graph.ts'
import type { StageState } from './stage-state.ts'

export interface Delegation {
  /** indexes of the stages that are evaluated here */
  readonly own: ReadonlySet<number>
  /** finished stages by index */
  readonly finished: ReadonlyMap<number, StageState>
}

/** Without leave to delegate every reachable stage is evaluated here. @throws Failure BUILDER_… | BASE_… */
export async function delegateStages(
  graph: StageGraph,
  dockerfile: Dockerfile,
  request: EvaluateRequest,
): Promise<Delegation> {
  const { delegateStage, image } = request
  if (image.delegate === undefined || delegateStage === undefined)
    return { own: graph.reachable, finished: new Map() }
  const context = { graph, dockerfile, request, resolve: resolver(request) }
  const { own, delegated } = await divide(context)
  const states = await all(delegated, async ([index, at]) => {
    const unit = collectUnit(context, index)
    const result = await delegateStage(await stageRequest(context, unit, at))
    return [index, await delegatedState(context, unit, result)] as const
  })
  return { own, finished: new Map(states) }
}

/** Walks down from the target and stops at each stage with RUN. */
async function divide(context: UnitContext): Promise<{ own: Set<number>; delegated: Map<number, Place> }> {
  const { graph } = context
  const own = new Set<number>()
  const delegated = new Map<number, Place>()
  const pending = [graph.target]
  for (let index = pending.pop(); index !== undefined; index = pending.pop()) {
    if (own.has(index) || delegated.has(index)) continue
    const run = await runPlace(context, index)
    if (run) {
      delegated.set(index, run)
      continue
    }
    own.add(index)
    for (const { origin } of originsOf(context, index))
      if (origin.kind === 'stage') pending.push(origin.index)
  }
  return { own: new Set([...graph.reachable].filter((index) => own.has(index))), delegated }
}

/** Images by origin, each looked up once; nothing for a folder and for scratch. */
function resolver(request: EvaluateRequest): ResolveOrigin {
  const share = once<string, BaseImage>()
  return async (origin, platform) => {
    if (origin.kind === 'scratch' || origin.kind === 'stage' || folderOfContext(origin) !== undefined)
      return undefined
    const reference = parseReference(referenceOf(origin))
    return share(`${formatReference(reference)} ${formatPlatform(platform)}`, () =>
      imageOf(origin, platform, request),
    )
  }
}
