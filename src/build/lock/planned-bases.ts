/** Which base images the Dockerfiles of a plan name, as far as they tell without being built. Reads Dockerfiles only. */
import { Failure, type Place } from '../../base/index.ts'
import {
  formatPlatform,
  formatReference,
  hostPlatform,
  parseReference,
  type Platform,
  type Reference,
} from '../../oci/index.ts'
import { newContexts, type Contexts } from '../contexts.ts'
import { originsOf } from '../evaluate/delegated-unit.ts'
import { folderOfContext, layoutOfContext, referenceOf, targetOfContext } from '../evaluate/origins.ts'
import { stageGraph, type Origin } from '../evaluate/stage-graph.ts'
import type { ResolvedImage, ResolvedPlan, ResolvedPlatform } from '../plan/model.ts'

export interface PlannedBase {
  readonly reference: Reference
  /** in the order they are met, each once */
  readonly platforms: readonly Platform[]
  /** of the first FROM or COPY that names it */
  readonly at: Place
}

/**
 * Bases of all images of the plan and of the images of the plan they stand on, by name. Left out: what the plan builds
 * itself, and references that have a digest. `leaveOut` is told of an image without a Dockerfile; default: that throws.
 * @throws Failure DOCKERFILE_… | CONTEXT_INVALID | REFERENCE_INVALID
 */
export function plannedBases(
  plan: ResolvedPlan,
  leaveOut?: (image: ResolvedImage) => void,
): ReadonlyMap<string, PlannedBase> {
  const contexts = newContexts({ root: plan.root, mtime: 0, warn: () => undefined })
  const bases = new Map<string, PlannedBase>()
  const seen = new Set<string>()
  const visit = (image: ResolvedImage, target: ResolvedPlatform): void => {
    const key = [image.name, image.variant ?? '', formatPlatform(target.platform)].join(' ')
    if (seen.has(key)) return
    seen.add(key)
    for (const { reference, platform, at, planned } of imagesOf(image, target, contexts)) {
      const name = formatReference(reference)
      const own =
        planned === undefined ? plan.planReferences.get(name) : { image: planned, variant: undefined }
      if (own) visit(plan.resolveImage(own), { ...target, platform })
      else if (reference.digest === undefined) add(name, { reference, platforms: [platform], at })
    }
  }
  const add = (name: string, { reference, platforms, at }: PlannedBase): void => {
    const known = bases.get(name)
    const all = [...(known?.platforms ?? []), ...platforms]
    const unique = new Map(all.map((platform) => [formatPlatform(platform), platform]))
    bases.set(name, { reference, platforms: [...unique.values()], at: known?.at ?? at })
  }
  for (const image of plan.images) {
    try {
      for (const target of image.platforms) visit(image, target)
    } catch (error) {
      if (!leaveOut || !(error instanceof Failure) || error.code !== 'DOCKERFILE_NOT_FOUND') throw error
      leaveOut(image)
    }
  }
  return bases
}

/** Nothing to look up: a folder, or a layout in one. */
function isOfThisMachine(origin: Origin): boolean {
  return folderOfContext(origin) !== undefined || layoutOfContext(origin) !== undefined
}

interface NamedImage {
  readonly reference: Reference
  /** the image of the plan that a context names: `target:NAME` */
  readonly planned: string | undefined
  readonly platform: Platform
  readonly at: Place
}

function imagesOf(image: ResolvedImage, target: ResolvedPlatform, contexts: Contexts): NamedImage[] {
  const graph = stageGraph(contexts.dockerfile(image), {
    targetPlatform: target.platform,
    buildPlatform: hostPlatform(),
    buildArgs: image.args,
    contexts: target.contexts,
    stage: image.target,
  })
  const images: NamedImage[] = []
  const seen = new Set<number>()
  const pending = [graph.target]
  for (let index = pending.pop(); index !== undefined; index = pending.pop()) {
    if (seen.has(index)) continue
    seen.add(index)
    for (const { origin, platform, place } of originsOf({ graph, request: { target } }, index)) {
      if (origin.kind === 'stage') pending.push(origin.index)
      else if (origin.kind !== 'scratch' && !isOfThisMachine(origin))
        images.push({
          reference: parseReference(referenceOf(origin)),
          planned: targetOfContext(origin),
          platform,
          at: place,
        })
    }
  }
  return images
}
