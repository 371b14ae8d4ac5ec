/**
 * A Dockerfile, its arguments and its contexts become an image: layers as recipes, a config without diff ids, a tree.
 * Bases and named contexts are looked up first; evaluation reads metadata, and waits only for remote content.
 */
import { Failure, failureAt, type Place, type Waiting } from '../../base/index.ts'
import type { ImageConfig, Platform, Reference } from '../../oci/index.ts'
import type { AddSources } from '../add/add-sources.ts'
import type { BaseImage } from '../base/base-image.ts'
import type { Contexts } from '../contexts.ts'
import type { DelegateStage } from '../delegate/stage-request.ts'
import type { ResolvedImage, ResolvedPlatform } from '../plan/model.ts'
import { encodeCapabilities } from '../copy/capabilities.ts'
import { cleanPath, resolvePath, type Tree } from '../tree.ts'
import { delegateStages } from './delegation.ts'
import { findOrigins } from './origins.ts'
import { stageEvaluator } from './stage-evaluator.ts'
import { needsNoDeclaration } from './scope.ts'
import { stageGraph, type StageGraph } from './stage-graph.ts'
import { runConfig, type StageLayer } from './stage-state.ts'
import { refuseUnsupported } from './unsupported.ts'

export interface EvaluateRequest extends Waiting {
  readonly image: ResolvedImage
  readonly target: ResolvedPlatform
  readonly contexts: Contexts
  readonly buildPlatform: Platform
  /** seconds since the epoch of everything the build writes */
  readonly mtime: number
  readonly warn: (message: string, at?: Place) => void
  readonly resolveBase: (reference: Reference, platform: Platform) => Promise<BaseImage>
  /** what a context names: an image of the plan by its name (`target:NAME`), or a layout (`oci-layout://…`) */
  readonly resolveTarget: (name: string, platform: Platform) => Promise<BaseImage>
  readonly addSources: AddSources
  /** has a stage with RUN built elsewhere, for an image that allows it; absent: RUN is refused */
  readonly delegateStage?: DelegateStage | undefined
}

export interface EvaluatedImage {
  readonly layers: readonly StageLayer[]
  /** complete but for `rootfs.diff_ids` */
  readonly config: ImageConfig
  readonly tree: Tree
}

/** @throws Failure DOCKERFILE_… | SOURCE_… | COPY_CONFLICT | BASE_… */
export async function evaluateImage(request: EvaluateRequest): Promise<EvaluatedImage> {
  const { image, target, contexts, warn } = request
  const dockerfile = contexts.dockerfile(image)
  const graph = stageGraph(dockerfile, {
    targetPlatform: target.platform,
    buildPlatform: request.buildPlatform,
    buildArgs: image.args,
    contexts: target.contexts,
    stage: image.target,
  })
  const { own, finished } = await delegateStages(graph, dockerfile, request)
  refuseUnsupported([...own].flatMap((index) => graph.nodes[index]!.stage.instructions))
  const origins = await findOrigins({ ...graph, reachable: own }, request)
  const capabilities = readCapabilities(image)
  const evaluator = stageEvaluator({ ...request, dockerfile, graph, origins, finished, capabilities })
  const { layers, config, tree } = await evaluator(graph.target)
  checkCapabilities(tree, capabilities, image)
  warnUnusedArgs(graph, image, warn)
  applyPlatform(config, target.platform)
  applyLabels(config, image.labels)
  return { layers, config, tree }
}

/** The image is for the platform that was asked for, whatever `FROM --platform` says of the stage it stands on. */
function applyPlatform(config: ImageConfig, { os, architecture, variant }: Platform): void {
  Object.assign(config, { os, architecture })
  if (variant === undefined) delete config.variant
  else config.variant = variant
}

function readCapabilities({ capabilities, at }: ResolvedImage): Map<string, Uint8Array> {
  try {
    return new Map(
      Object.entries(capabilities).map(([path, text]) => [cleanPath(path), encodeCapabilities(text)]),
    )
  } catch (error) {
    throw failureAt(error, at)
  }
}

/** A path that no layer of this image wrote would lose its capabilities silently. */
function checkCapabilities(
  tree: Tree,
  capabilities: ReadonlyMap<string, Uint8Array>,
  { name, at }: ResolvedImage,
): void {
  for (const path of capabilities.keys()) {
    if (resolvePath(tree, path).node?.xattrs?.['security.capability']) continue
    throw new Failure(
      'PLAN_INVALID',
      `capabilities of ${name} are for "/${path}", which is no file that its Dockerfile copies`,
      { at },
    )
  }
}

/** Labels given from outside win; the empty text is a value like any other. */
function applyLabels(config: ImageConfig, labels: Readonly<Record<string, string>>): void {
  if (Object.keys(labels).length === 0) return
  const run = runConfig({ config })
  run.Labels = { ...run.Labels, ...labels }
}

/** Arguments given for this image that no ARG of its Dockerfile takes. */
function warnUnusedArgs(
  graph: StageGraph,
  { ownArgs, name, at }: ResolvedImage,
  warn: EvaluateRequest['warn'],
): void {
  const declared = new Set(graph.declaredGlobals)
  for (const { stage } of graph.nodes) {
    for (const instruction of stage.instructions) {
      if (instruction.keyword === 'ARG') for (const pair of instruction.pairs) declared.add(pair.name.text)
    }
  }
  for (const arg of ownArgs) {
    if (declared.has(arg) || needsNoDeclaration(arg) || graph.globals.get(arg) !== undefined) continue
    warn(`build argument ${arg} is used by no ARG of ${name}`, at)
  }
}
