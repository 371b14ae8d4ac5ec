/** A stage that a builder has done, as the stages above it see it. */
import type { Instruction } from '../../dockerfile/index.ts'
import { formatPlatform, type Platform } from '../../oci/index.ts'
import type { BaseImage } from '../base/base-image.ts'
import { emptyTree } from '../overlay.ts'
import type { StageUnit, UnitContext } from './delegated-unit.ts'
import { checkHistory } from './history.ts'
import { stagePlatform } from './origins.ts'
import { stageEvaluator } from './stage-evaluator.ts'
import type { Origin } from './stage-graph.ts'
import type { StageState } from './stage-state.ts'

/** The state later stages start from: the builder's image, and the variables that only the Dockerfile knows. */
export async function delegatedState(
  context: UnitContext,
  unit: StageUnit,
  result: BaseImage,
): Promise<StageState> {
  const config = structuredClone(result.config)
  config.history = checkHistory(config.history, result.layers.length)
  config.created = `${new Date(context.request.mtime * 1000).toISOString().slice(0, -5)}Z`
  const scope = await scopeOf(context, unit)
  return { tree: await result.tree(), config, scope, layers: [...result.layers], hasOwnCmd: false }
}

/** ARG and ENV of the stage and of those it stands on, evaluated alone. */
async function scopeOf(context: UnitContext, { index }: StageUnit): Promise<StageState['scope']> {
  const { graph, dockerfile, request, resolve } = context
  const nodes = graph.nodes.map((node) => ({
    ...node,
    stage: { ...node.stage, instructions: node.stage.instructions.filter(isVariable) },
  }))
  const found = new Map<string, BaseImage>()
  const key = (origin: Origin, platform: Platform) => `${JSON.stringify(origin)} ${formatPlatform(platform)}`
  for (let next: number | undefined = index; next !== undefined;) {
    const { from }: { from: Origin } = graph.nodes[next]!
    const platform = stagePlatform(graph, next, request.target.platform)
    const base = await resolve(from, platform)
    if (base) found.set(key(from, platform), base)
    next = from.kind === 'stage' ? from.index : undefined
  }
  const find = (origin: Origin, platform: Platform) => {
    const base = found.get(key(origin, platform))
    return base && { tree: emptyTree(), base: { ...base, config: onlyVariables(base) } }
  }
  const evaluate = stageEvaluator({ ...request, dockerfile, graph: { ...graph, nodes }, origins: { find } })
  return (await evaluate(index)).scope
}

function isVariable({ keyword }: Instruction): boolean {
  return keyword === 'ARG' || keyword === 'ENV'
}

function onlyVariables({ config }: BaseImage): BaseImage['config'] {
  const triggers = config.config?.OnBuild?.filter((trigger) => /^\s*(?:ARG|ENV)\s/i.test(trigger))
  return { ...config, config: { ...config.config, ...(triggers && { OnBuild: triggers }) } }
}
