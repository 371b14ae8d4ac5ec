/** Base images and named contexts that the reachable stages of a Dockerfile need, looked up before evaluation. */
import { isAbsolute } from 'node:path'
import { all, Failure, failureAt, nearest, type Place } from '../../base/index.ts'
import {
  digestHex,
  formatPlatform,
  hostPlatform,
  parsePlatform,
  parseReference,
  sha256,
  type Platform,
} from '../../oci/index.ts'
import type { BaseImage } from '../base/base-image.ts'
import { layoutScheme } from '../base/layout-context.ts'
import type { Tree } from '../tree.ts'
import type { EvaluateRequest } from './evaluate.ts'
import { copyFroms, type Origin, type StageGraph } from './stage-graph.ts'

/** An origin that is no stage of the same Dockerfile, ready to use. */
export interface FoundOrigin {
  readonly tree: Tree
  /** absent for a folder */
  readonly base: BaseImage | undefined
}

export interface FoundOrigins {
  find(origin: Origin, platform: Platform): FoundOrigin | undefined
}

interface Wanted {
  readonly origin: Origin
  readonly platform: Platform
  readonly place: Place
}

/** @throws Failure BASE_… | REFERENCE_INVALID | CONTEXT_INVALID with the place of the FROM or COPY */
export async function findOrigins(graph: StageGraph, request: EvaluateRequest): Promise<FoundOrigins> {
  const found = new Map<string, FoundOrigin>()
  const wanted = new Map<string, Wanted>()
  for (const want of wantedOrigins(graph, request.target.platform))
    wanted.set(keyOf(want.origin, want.platform), want)
  await all(wanted, async ([key, { origin, platform, place }]) => {
    try {
      found.set(key, await findOrigin(origin, platform, request))
    } catch (error) {
      throw failureAt(withStageHint(error, origin, graph), place)
    }
  })
  return { find: (origin, platform) => found.get(keyOf(origin, platform)) }
}

/** An image that cannot be had may be a stage whose name was misspelt. */
function withStageHint(error: unknown, origin: Origin, { nodes }: StageGraph): unknown {
  if (!(error instanceof Failure) || origin.kind !== 'image') return error
  const stage = nearest(
    origin.reference,
    nodes.flatMap((node) => node.stage.name ?? []),
  )
  if (stage === undefined) return error
  return new Failure(error.code, error.message, { hint: `did you mean the stage "${stage}"?`, cause: error })
}

/** The platform of a stage: `--platform` of its FROM, else the target's. */
export function stagePlatform(graph: StageGraph, index: number, target: Platform): Platform {
  const { platform, stage } = graph.nodes[index]!
  if (platform === undefined) return target
  try {
    return parsePlatform(wholePlatform(platform))
  } catch (error) {
    throw failureAt(error, stage.from.platform?.place)
  }
}

/** `FROM --platform` may leave one half out: `arm64` is of Linux, `linux` is of this machine. */
function wholePlatform(text: string): string {
  if (text.toLowerCase() === 'linux') return `${text}/${hostPlatform().architecture}`
  return /^[a-z]+\d[\w-]*$|^\d+$|^arm$/i.test(text) ? `linux/${text}` : text
}

function* wantedOrigins(graph: StageGraph, target: Platform): Generator<Wanted> {
  for (const index of graph.reachable) {
    const { stage, from } = graph.nodes[index]!
    const platform = stagePlatform(graph, index, target)
    if (isOutside(from)) yield { origin: from, platform, place: stage.from.image.place }
    for (const { name, place } of copyFroms(stage)) {
      const origin = graph.resolveFrom(name, place, index)
      if (isOutside(origin)) yield { origin, platform: target, place }
    }
  }
}

function isOutside(origin: Origin): boolean {
  return origin.kind === 'image' || origin.kind === 'context'
}

async function findOrigin(
  origin: Origin,
  platform: Platform,
  request: EvaluateRequest,
): Promise<FoundOrigin> {
  const folder = folderOfContext(origin)
  if (folder !== undefined && origin.kind === 'context') {
    return { tree: request.contexts.folder(folder, origin.name), base: undefined }
  }
  const base = await imageOf(origin, platform, request)
  return { tree: await base.tree(), base }
}

/** The image an origin is that is neither a folder nor a stage. @throws Failure BASE_… | CONTEXT_INVALID */
export function imageOf(
  origin: Origin,
  platform: Platform,
  { resolveBase, resolveTarget }: Pick<EvaluateRequest, 'resolveBase' | 'resolveTarget'>,
): Promise<BaseImage> {
  const here = targetOfContext(origin) ?? layoutOfContext(origin)
  if (here !== undefined) return resolveTarget(here, platform)
  return resolveBase(parseReference(referenceOf(origin)), platform)
}

/** The image of the same plan that a named context is: `target:base`. */
export function targetOfContext(origin: Origin): string | undefined {
  if (origin.kind !== 'context' || !origin.value.startsWith('target:')) return undefined
  return origin.value.slice('target:'.length)
}

/** The layout that a named context is: `oci-layout:///folder:tag`. */
export function layoutOfContext(origin: Origin): string | undefined {
  return origin.kind === 'context' && origin.value.startsWith(layoutScheme) ? origin.value : undefined
}

/** The host folder a named context is; nothing for everything else. */
export function folderOfContext(origin: Origin): string | undefined {
  return origin.kind === 'context' && isAbsolute(origin.value) ? origin.value : undefined
}

/** The text of the image reference an outside origin stands for. @throws Failure CONTEXT_INVALID */
export function referenceOf(origin: Origin): string {
  return origin.kind === 'context' ? imageOfContext(origin) : (origin as { reference: string }).reference
}

/** The image a named context stands for: `docker-image://debian:12`. */
function imageOfContext(origin: Extract<Origin, { kind: 'context' }>): string {
  const { name, value } = origin
  const scheme = 'docker-image://'
  if (value.startsWith(scheme)) return value.slice(scheme.length)
  const target = targetOfContext(origin)
  // A name for builders, which are given the image itself.
  if (target !== undefined) return `target.invalid/${target.toLowerCase()}`
  if (layoutOfContext(origin) !== undefined) return `layout.invalid/${digestHex(sha256(Buffer.from(value)))}`
  throw new Failure(
    'CONTEXT_INVALID',
    `the build context "${name}" is "${value}", which is neither a folder nor ${scheme}REFERENCE nor ${layoutScheme}FOLDER`,
  )
}

function keyOf(origin: Origin, platform: Platform): string {
  return `${JSON.stringify(origin)} ${formatPlatform(platform)}`
}
