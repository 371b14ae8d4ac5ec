/**
 * A run: every image of a plan from Dockerfile to its destinations.
 * An image starts as soon as its own artifacts are ready; a base of the plan is built once, before what stands on it;
 * names move only after everything of the run is in place everywhere.
 */
import { all, Failure, type Place, type Tally, type Waiting } from '../base/index.ts'
import {
  formatPlatform,
  formatReference,
  parseReference,
  samePlatform,
  type Digest,
  type Platform,
  type Reference,
} from '../oci/index.ts'
import { newArtifactRuns } from './artifact-runs.ts'
import type { BaseImage } from './base/base-image.ts'
import { newContexts } from './contexts.ts'
import { newDependencies } from './dependencies.ts'
import type { Destination } from './dest/destination.ts'
import { evaluateImage, type EvaluatedImage } from './evaluate/evaluate.ts'
import type { BuildId, Emit } from './events.ts'
import { assembleManifest, assembleTop, type BuiltImage, type BuiltPlatform } from './image.ts'
import type { BuiltLayer, LayerBuilder } from './layers.ts'
import type { ResolvedImage, ResolvedPlan, ResolvedPlatform } from './plan/model.ts'

export interface BakeOptions extends Waiting {
  readonly destinations: readonly Destination[]
  readonly layers: LayerBuilder
  /** a base image that this plan does not build */
  readonly resolveBase: (reference: Reference, platform: Platform) => Promise<BaseImage>
  readonly emit: Emit
  readonly tally: Tally
  /** the platform this machine runs */
  readonly buildPlatform: Platform
  /** do not run artifact commands */
  readonly skipArtifacts?: boolean
  /** seconds since the epoch for files, history and configs; default 0 */
  readonly sourceDateEpoch?: number | undefined
}

/** One line of the result: one image in one variant on one platform. */
export interface BakedRow {
  readonly image: string
  readonly variant: string | undefined
  readonly platform: string
  /** of the manifest of this platform */
  readonly digest: Digest
  /** layers that a destination received in this run, counted at the first image that brought them */
  readonly newLayers: number
  readonly sharedLayers: number
  /** bytes of all layers */
  readonly size: number
  readonly seconds: number
}

export interface BakeResult {
  readonly images: readonly BuiltImage[]
  readonly rows: readonly BakedRow[]
  readonly seconds: number
}

/** Builds and publishes. On failure or abort nothing is named, and what was half-written is removed. */
export async function bake(plan: ResolvedPlan, options: BakeOptions): Promise<BakeResult> {
  const started = performance.now()
  const stop = new AbortController()
  const signal = options.signal ? AbortSignal.any([options.signal, stop.signal]) : stop.signal
  const { emit, destinations } = options
  const builds = plan.images.reduce((sum, image) => sum + image.platforms.length, 0)
  emit({ kind: 'plan', images: plan.images.length, builds, commands: plan.commands.length })
  for (const warning of plan.warnings) emit({ kind: 'warning', ...warning })

  const build = newImageBuilder(plan, { ...options, signal })
  const added = new Set<Digest>()
  try {
    const images = await all(plan.images, async (image) => {
      try {
        const built = await build(image)
        await all(destinations, async (destination) => {
          for (const descriptor of await destination.stage(built)) added.add(descriptor.digest)
        })
        emit({
          kind: 'image-finished',
          build: idOf(image),
          digest: built.top.descriptor.digest,
          seconds: built.seconds,
        })
        return built
      } catch (error) {
        stop.abort(error)
        throw error
      }
    })
    signal.throwIfAborted()
    await all(destinations, (destination) => destination.commit())
    const seconds = (performance.now() - started) / 1000
    emit({ kind: 'finished', seconds, tally: options.tally })
    return { images, rows: resultRows(images, added), seconds }
  } catch (error) {
    stop.abort(error)
    await Promise.allSettled(destinations.map((destination) => destination.abandon()))
    throw error
  }
}

function newImageBuilder(
  plan: ResolvedPlan,
  options: BakeOptions,
): (image: ResolvedImage) => Promise<BuiltImage> {
  const { emit, layers, signal, buildPlatform } = options
  const mtime = options.sourceDateEpoch ?? 0
  const warned = new Set<string>()
  const warn = (message: string, at?: Place): void => {
    const key = `${message} ${at?.file}:${at?.line}`
    if (warned.has(key)) return
    warned.add(key)
    emit({ kind: 'warning', message, at })
  }
  const artifacts = newArtifactRuns({ emit, skip: options.skipArtifacts ?? false, signal })
  const contexts = newContexts({ root: plan.root, mtime, warn })
  const dependencies = newDependencies<EvaluatedPlatform>()

  interface EvaluatedPlatform {
    readonly spec: EvaluatedImage
    readonly built: readonly BuiltLayer[]
    readonly seconds: number
  }

  const buildPlatformOf = async (
    image: ResolvedImage,
    target: ResolvedPlatform,
  ): Promise<EvaluatedPlatform> => {
    await artifacts.ready(target.needs)
    signal?.throwIfAborted()
    const started = performance.now()
    const id = idOf(image, target.platform)
    emit({ kind: 'build-started', build: id })
    const spec = await evaluateImage({
      image,
      target,
      contexts,
      buildPlatform,
      mtime,
      warn,
      resolveBase: (reference, platform) => findBase(reference, platform, idKey(id)),
    })
    const built = await all(spec.layers, async (layer) => {
      const result = 'recipe' in layer ? await layers.build(layer.recipe) : layer
      emit({
        kind: 'layer',
        build: id,
        state: result.state,
        digest: result.diffId,
        bytes: result.blob.descriptor.size,
      })
      return result
    })
    return { spec, built, seconds: (performance.now() - started) / 1000 }
  }

  const evaluated = (
    image: ResolvedImage,
    platform: Platform,
    from: string | undefined,
  ): Promise<EvaluatedPlatform> => {
    const target = image.platforms.find((candidate) => samePlatform(platform, candidate.platform))
    if (!target) {
      throw new Failure(
        'BASE_PLATFORM',
        `base image ${image.tags[0] ?? image.name} is not built for ${formatPlatform(platform)} by this plan`,
        {
          at: image.at,
          hint: `it is built for ${image.platforms.map((candidate) => formatPlatform(candidate.platform)).join(', ')}`,
        },
      )
    }
    return dependencies.share(idKey(idOf(image, platform)), from, () => buildPlatformOf(image, target))
  }

  const findBase = async (reference: Reference, platform: Platform, from: string): Promise<BaseImage> => {
    const planned = plan.planReferences.get(formatReference(reference))
    if (planned === undefined) return options.resolveBase(reference, platform)
    const { spec, built } = await evaluated(plan.resolveImage(planned), platform, from)
    const config = withDiffIds(spec, built)
    return { description: formatReference(reference), config, layers: built, tree: async () => spec.tree }
  }

  return async (image) => {
    const started = performance.now()
    const platforms = await all(image.platforms, async (target): Promise<BuiltPlatform> => {
      const { spec, built, seconds } = await evaluated(image, target.platform, undefined)
      const { config, manifest } = assembleManifest(withDiffIds(spec, built), built, image.annotations)
      emit({
        kind: 'build-finished',
        build: idOf(image, target.platform),
        digest: manifest.descriptor.digest,
      })
      return { platform: target.platform, config, manifest, layers: built, seconds }
    })
    return {
      name: image.name,
      variant: image.variant,
      references: image.tags.map((tag) => parseReference(tag)),
      platforms,
      top: assembleTop(platforms, image.annotations),
      seconds: (performance.now() - started) / 1000,
    }
  }
}

function withDiffIds(spec: EvaluatedImage, layers: readonly BuiltLayer[]) {
  return {
    ...spec.config,
    rootfs: { type: 'layers' as const, diff_ids: layers.map((layer) => layer.diffId) },
  }
}

function idOf(image: ResolvedImage, platform?: Platform): BuildId {
  return { image: image.name, variant: image.variant, platform: platform && formatPlatform(platform) }
}

function idKey({ image, variant, platform }: BuildId): string {
  return [image, variant ?? '', platform ?? ''].join(' ')
}

function resultRows(images: readonly BuiltImage[], added: Set<Digest>): BakedRow[] {
  const claimed = new Set<Digest>()
  return images.flatMap((image) =>
    image.platforms.map(({ platform, manifest, layers, seconds }): BakedRow => {
      const digests = new Set(layers.map((layer) => layer.blob.descriptor.digest))
      const mine = [...digests].filter((digest) => added.has(digest) && !claimed.has(digest))
      for (const digest of mine) claimed.add(digest)
      return {
        image: image.name,
        variant: image.variant,
        platform: formatPlatform(platform),
        digest: manifest.descriptor.digest,
        newLayers: mine.length,
        sharedLayers: digests.size - mine.length,
        size: layers.reduce((sum, layer) => sum + layer.blob.descriptor.size, 0),
        seconds,
      }
    }),
  )
}
