/** Builds images of a plan: artifacts first, then evaluation, layers and documents, each build once per run. */
import { all, Failure, type Place, type Waiting } from '../base/index.ts'
import {
  formatPlatform,
  formatReference,
  parseReference,
  samePlatform,
  type ImageConfig,
  type Platform,
  type Reference,
} from '../oci/index.ts'
import { readAnnotations } from './annotations.ts'
import { newArtifactRuns } from './artifact-runs.ts'
import type { AddSources } from './add/add-sources.ts'
import { newRecorder } from './attest/provenance/recorder.ts'
import type { BaseImage } from './base/base-image.ts'
import { newContexts } from './contexts.ts'
import type { DelegateStage } from './delegate/stage-request.ts'
import { newDependencies } from './dependencies.ts'
import { parseEpoch } from './epoch.ts'
import { evaluateImage } from './evaluate/evaluate.ts'
import type { BuildId, Emit } from './events.ts'
import { assembleManifest, assembleTop, type BuiltImage, type BuiltPlatform } from './image.ts'
import type { LayerBuilder } from './layers.ts'
import type { ResolvedImage, ResolvedPlan, ResolvedPlatform } from './plan/model.ts'

export interface ImageBuilderOptions extends Waiting {
  readonly layers: LayerBuilder
  /** a base image that this plan does not build */
  readonly resolveBase: (reference: Reference, platform: Platform) => Promise<BaseImage>
  /** where ADD gets downloads, repositories and the content of archives */
  readonly addSources: AddSources
  readonly emit: Emit
  /** has stages with RUN built by a builder of this machine, for images that allow it; absent: RUN is refused */
  readonly delegateStage?: DelegateStage | undefined
  /** the platform this machine runs */
  readonly buildPlatform: Platform
  /** do not run artifact commands; default false */
  readonly skipArtifacts?: boolean
  /** seconds since the epoch for files, history and configs; an argument SOURCE_DATE_EPOCH wins; default 0 */
  readonly sourceDateEpoch?: number | undefined
}

/** A finished build, with what images that stand on it need. */
interface PlatformBuild extends BuiltPlatform {
  readonly imageConfig: ImageConfig
}

export function newImageBuilder(
  plan: ResolvedPlan,
  options: ImageBuilderOptions,
): (image: ResolvedImage) => Promise<BuiltImage> {
  const { emit, layers, signal, buildPlatform } = options
  const mtime = options.sourceDateEpoch ?? 0
  const warn = warnOnce(emit)
  const artifacts = newArtifactRuns({ emit, skip: options.skipArtifacts ?? false, signal })
  const contexts = newContexts({ root: plan.root, mtime, warn })
  const dependencies = newDependencies<PlatformBuild>()

  const buildFor = async (image: ResolvedImage, target: ResolvedPlatform): Promise<PlatformBuild> => {
    await artifacts.ready(target.needs)
    signal?.throwIfAborted()
    const started = performance.now()
    const build = idOf(image, target.platform)
    // Read before the work, so that a wrong one does not cost a build.
    const annotations = readAnnotations(image.annotations).at('manifest', target.platform)
    emit({ kind: 'build-started', build })
    const recorder = newRecorder(options.addSources)
    const spec = await evaluateImage({
      image,
      target,
      contexts,
      buildPlatform,
      mtime: parseEpoch(image.args['SOURCE_DATE_EPOCH']) ?? mtime,
      warn,
      signal,
      addSources: recorder.addSources,
      delegateStage: options.delegateStage,
      async resolveBase(reference, platform) {
        const base = await findBase(reference, platform, keyOf(build))
        recorder.addImage(reference, platform, base.digest ?? base.manifest)
        return base
      },
      resolveTarget: (name, platform) => findTarget(name, platform, keyOf(build)),
    })
    const built = await all(spec.layers, async (layer) => {
      const result = 'recipe' in layer ? await layers.build(layer.recipe) : layer
      const { state, diffId: digest } = result
      emit({ kind: 'layer', build, state, digest, bytes: result.blob.descriptor.size })
      return result
    })
    const rootfs = { type: 'layers' as const, diff_ids: built.map((layer) => layer.diffId) }
    const imageConfig: ImageConfig = { ...spec.config, rootfs }
    const { config, manifest } = assembleManifest(imageConfig, built, annotations)
    emit({ kind: 'build-finished', build, digest: manifest.descriptor.digest })
    const seconds = (performance.now() - started) / 1000
    return {
      platform: target.platform,
      config,
      manifest,
      layers: built,
      seconds,
      materials: recorder.materials(),
      imageConfig,
      tree: spec.tree,
    }
  }

  const share = (image: ResolvedImage, platform: Platform, from?: string): Promise<PlatformBuild> => {
    const target = image.platforms.find((candidate) => samePlatform(platform, candidate.platform))
    if (!target) throw missingPlatform(image, platform)
    return dependencies.share(keyOf(idOf(image, platform)), from, () => buildFor(image, target))
  }

  const findBase = async (reference: Reference, platform: Platform, from: string): Promise<BaseImage> => {
    const planned = plan.planReferences.get(formatReference(reference))
    if (planned === undefined) return options.resolveBase(reference, platform)
    const base = await share(plan.resolveImage(planned), platform, from)
    return asBase(base, formatReference(reference))
  }

  /** A target that is for one platform serves all that stand on it. */
  const findTarget = async (name: string, platform: Platform, from: string): Promise<BaseImage> => {
    const image = plan.resolveImage({ image: name, variant: undefined })
    const [only, ...others] = image.platforms
    const own = only && others.length === 0 ? only.platform : platform
    return asBase(await share(image, own, from), `target ${name}`)
  }

  return async (image) => {
    const started = performance.now()
    const platforms = await all(image.platforms, ({ platform }) => share(image, platform))
    return {
      name: image.name,
      variant: image.variant,
      references: image.tags.map((tag) => parseReference(tag)),
      platforms,
      top: assembleTop(platforms, readAnnotations(image.annotations)),
      seconds: (performance.now() - started) / 1000,
    }
  }
}

function asBase({ imageConfig, layers, manifest, tree }: PlatformBuild, description: string): BaseImage {
  return {
    description,
    isBuiltHere: true,
    manifest: manifest.descriptor.digest,
    config: imageConfig,
    layers,
    tree: async () => ({ ...tree, description }),
  }
}

export function idOf(image: ResolvedImage, platform?: Platform): BuildId {
  return { image: image.name, variant: image.variant, platform: platform && formatPlatform(platform) }
}

function keyOf({ image, variant, platform }: BuildId): string {
  return [image, variant ?? '', platform ?? ''].join(' ')
}

/** The same Dockerfile is built many times over; its warnings are told once. */
function warnOnce(emit: Emit): (message: string, at?: Place) => void {
  const told = new Set<string>()
  return (message, at) => {
    const key = `${message} ${at?.file}:${at?.line}:${at?.column}`
    if (told.has(key)) return
    told.add(key)
    emit({ kind: 'warning', message, at })
  }
}

function missingPlatform(image: ResolvedImage, platform: Platform): Failure {
  const has = image.platforms.map((candidate) => formatPlatform(candidate.platform)).join(', ')
  const name = image.tags[0] ?? image.name
  return new Failure(
    'BASE_PLATFORM',
    `base image ${name} is not built for ${formatPlatform(platform)} by this plan`,
    {
      at: image.at,
      hint: `it is built for ${has}`,
    },
  )
}
