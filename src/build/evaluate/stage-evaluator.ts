/** Evaluates stages in the order they need each other, each once. */
import { Failure, failureAt, type Place } from '../../base/index.ts'
import { parseInstruction, type Dockerfile, type Instruction } from '../../dockerfile/index.ts'
import type { Platform } from '../../oci/index.ts'
import type { BaseImage } from '../base/base-image.ts'
import { copyInto } from '../copy/copy.ts'
import { emptyTree } from '../overlay.ts'
import type { Tree } from '../tree.ts'
import { commitLayer } from './commit-layer.ts'
import type { EvaluateRequest } from './evaluate.ts'
import { checkHistory } from './history.ts'
import { applyInstruction } from './instructions.ts'
import type { InstructionContext } from './instruction-context.ts'
import { stagePlatform, type FoundOrigins } from './origins.ts'
import { newScope, parseEnv } from './scope.ts'
import type { Origin, StageGraph } from './stage-graph.ts'
import { childState, ensurePath, runConfig, type StageState } from './stage-state.ts'
import { refuseUnsupported } from './unsupported.ts'

export interface StageEvaluatorOptions extends EvaluateRequest {
  readonly dockerfile: Dockerfile
  readonly graph: StageGraph
  readonly origins: FoundOrigins
  /** `security.capability` of files by path in the image; default none */
  readonly capabilities?: ReadonlyMap<string, Uint8Array>
  /** stages that a builder has done, by index */
  readonly finished?: ReadonlyMap<number, StageState>
}

/** A function from the index of a stage to its finished state. */
export function stageEvaluator(options: StageEvaluatorOptions): (index: number) => Promise<StageState> {
  const { dockerfile, graph, origins, image, target, contexts, mtime, warn } = options
  const finished = new Map(
    Array.from(options.finished ?? [], ([index, state]) => [index, Promise.resolve(state)] as const),
  )
  const created = `${new Date(mtime * 1000).toISOString().slice(0, -5)}Z`

  /** `path`: the stages that wait for this one; only ONBUILD triggers can still make a circle */
  const evaluate = async (index: number, path: readonly number[]): Promise<StageState> => {
    if (path.includes(index)) throw circle(graph, [...path, index])
    const known = finished.get(index)
    if (known) return known
    const state = evaluateStage(index, [...path, index])
    finished.set(index, state)
    return state
  }

  const evaluateStage = async (index: number, path: readonly number[]): Promise<StageState> => {
    const { stage, from } = graph.nodes[index]!
    const platform = stagePlatform(graph, index, target.platform)
    const context: InstructionContext = {
      escape: dockerfile.escape,
      buildArgs: image.args,
      globals: graph.globals,
      source: (name, place) => sourceTree(name, place, path),
      mtime,
      created,
      historyComment: 'slipway',
      warn,
      signal: options.signal,
      addSources: options.addSources,
      capabilities: options.capabilities ?? new Map<string, Uint8Array>(),
    }
    const place = stage.from.image.place
    const state =
      (await startState(from, platform, path)) ?? (await folderState(from, platform, { context, place }))
    for (const trigger of takeTriggers(state, place)) await apply(state, trigger, context)
    for (const instruction of stage.instructions) await apply(state, instruction, context)
    state.config.created = created
    return state
  }

  const startState = async (
    from: Origin,
    platform: Platform,
    path: readonly number[],
  ): Promise<StageState | undefined> => {
    if (from.kind === 'stage') return childState(await evaluate(from.index, path))
    if (from.kind === 'scratch') return scratchState(platform)
    const found = origins.find(from, platform)
    return found?.base && baseState(found.base, found.tree)
  }

  /** A named context that is a folder serves as a base too: scratch with one layer of what is in it. */
  const folderState = async (
    from: Origin,
    platform: Platform,
    { context, place }: { context: InstructionContext; place: Place },
  ): Promise<StageState> => {
    const { tree } = origins.find(from, platform)!
    const state = scratchState(platform)
    const change = copyInto(state.tree, [{ tree, path: '', place }], '/')
    await commitLayer(state, change, {
      context,
      place,
      createdBy: `FROM ${(from as { name?: string }).name}`,
    })
    return state
  }

  const sourceTree = async (
    name: string | undefined,
    place: Place,
    path: readonly number[],
  ): Promise<Tree> => {
    if (name === undefined) return contexts.context(target, image)
    const origin = graph.resolveFrom(name, place, path.at(-1)!)
    if (origin.kind === 'stage') {
      const { tree } = await evaluate(origin.index, path)
      return { ...tree, description: `stage "${name}"` }
    }
    if (origin.kind === 'scratch') return emptyTree()
    const found = origins.find(origin, target.platform)
    if (found) return found.tree
    throw new Failure(
      'DOCKERFILE_UNSUPPORTED',
      `--from=${name} in an ONBUILD trigger names no stage of this Dockerfile`,
      { at: place },
    )
  }
  return (index) => evaluate(index, [])
}

function circle(graph: StageGraph, path: readonly number[]): Failure {
  const names = path.map((index) => graph.nodes[index]!.stage.name ?? String(index))
  return new Failure('DOCKERFILE_INVALID', `stages need each other in a circle: ${names.join(' -> ')}`)
}

async function apply(
  state: StageState,
  instruction: Instruction,
  context: InstructionContext,
): Promise<void> {
  try {
    await applyInstruction(state, instruction, context)
  } catch (error) {
    throw failureAt(error, instruction.place)
  }
}

/** The ONBUILD triggers of the base, which run once, right after FROM. */
function takeTriggers(state: StageState, place: Place): readonly Instruction[] {
  const config = state.config.config
  const triggers = (config?.OnBuild ?? []).map((text) => parseInstruction(text, place))
  if (config) delete config.OnBuild
  refuseUnsupported(triggers)
  return triggers
}

function scratchState({ os, architecture, variant }: Platform): StageState {
  const state: StageState = {
    tree: emptyTree(),
    config: {
      architecture,
      os,
      ...(variant !== undefined && { variant }),
      config: { WorkingDir: '/' },
      rootfs: { type: 'layers', diff_ids: [] },
    },
    scope: newScope(),
    layers: [],
    hasOwnCmd: false,
  }
  ensurePath(state)
  return state
}

function baseState(base: BaseImage, tree: Tree): StageState {
  const config = structuredClone(base.config)
  config.history = checkHistory(config.history, base.layers.length)
  const state: StageState = {
    tree,
    config,
    scope: newScope(parseEnv(config.config?.Env)),
    layers: [...base.layers],
    hasOwnCmd: false,
  }
  runConfig(state)
  ensurePath(state)
  return state
}
