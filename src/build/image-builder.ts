/** Builds images of a plan: artifacts first, then evaluation, layers and documents, each build once per run. */
import { all, Failure, limit, once, type Place, type Waiting } from '../base/index.ts'
import {
  formatPlatform,
  formatReference,
  parseReference,
  samePlatform,
  type Platform,
  type Reference,
} from '../oci/index.ts'
import { readAnnotations } from './annotations.ts'
import { newArtifactRuns } from './artifact-runs.ts'
import type { AddSources } from './add/add-sources.ts'
import type { BaseImage } from './base/base-image.ts'
import { layoutScheme } from './base/layout-context.ts'
import type { Contexts } from './contexts.ts'
import type { DelegateStage } from './delegate/stage-request.ts'
import { newDependencies } from './dependencies.ts'
import type { BuildId, Emit } from './events.ts'
import type { HistoryOptions } from './explain/history.ts'
import { assembleTop, type BuiltImage } from './image.ts'
import type { LayerBuilder } from './layers.ts'
import type { MemoStore } from './memo/build-memos.ts'
import type { SeenBuild } from './memo/inputs.ts'
import { newPlatformBuilder, type PlatformBuild } from './platform-build.ts'
import type { ResolvedImage, ResolvedPlan } from './plan/model.ts'

export interface ImageBuilderOptions extends Waiting {
  readonly layers: LayerBuilder
  /** a base image that this plan does not build */
  readonly resolveBase: (reference: Reference, platform: Platform) => Promise<BaseImage>
  /** folder for indexes of the layers of layouts */
  readonly cache: string
  /** where ADD gets downloads, repositories and the content of archives */
  readonly addSources: AddSources
  readonly emit: Emit
  /** builds of earlier runs; absent: every build is evaluated */
  readonly memos?: MemoStore | undefined
  /** where what builds were made of is written down; absent: nowhere */
  readonly history?: HistoryOptions | undefined
  /** has stages with RUN built by a builder of this machine, for images that allow it; absent: RUN is refused */
  readonly delegateStage?: DelegateStage | undefined
  /** the platform this machine runs */
  readonly buildPlatform: Platform
  /** told what each build looked at, also when it failed; default: nobody is */
  readonly onInputs?: ((build: BuildId, seen: SeenBuild) => void) | undefined
  /** do not run artifact commands; default false */
  readonly skipArtifacts?: boolean
  /** seconds since the epoch for files, history and configs; an argument SOURCE_DATE_EPOCH wins; default 0 */
  readonly sourceDateEpoch?: number | undefined
}

/** Builds under way at a time: enough that the largest layers are hashed first, and few enough to hold in memory. */
const buildsAtOnce = 64

export function newImageBuilder(
  plan: ResolvedPlan,
  options: ImageBuilderOptions,
): (image: ResolvedImage) => Promise<BuiltImage> {
  const { emit, signal } = options
  const mtime = options.sourceDateEpoch ?? 0
  const warn = warnOnce(emit)
  const artifacts = newArtifactRuns({ emit, skip: options.skipArtifacts ?? false, signal })
  const shareContexts = once<'contexts', Contexts>()
  const contexts = () =>
    shareContexts('contexts', async () => {
      const { newContexts } = await import('./contexts.ts')
      return newContexts({ root: plan.root, mtime, warn })
    })
  const buildOne = newPlatformBuilder({ ...options, mtime, warn, contexts })
  const dependencies = newDependencies<PlatformBuild>()
  const slot = limit(buildsAtOnce)

  const share = (image: ResolvedImage, platform: Platform, from?: string): Promise<PlatformBuild> => {
    const target = image.platforms.find((candidate) => samePlatform(platform, candidate.platform))
    if (!target) throw missingPlatform(image, platform)
    const id = idOf(image, target.platform)
    return dependencies.share(keyOf(id), from, async () => {
      await artifacts.ready(target.needs)
      return slot(() =>
        buildOne({
          id,
          image,
          target,
          resolveBase: (base, of) => findBase(base, of, keyOf(id)),
          resolveTarget: (name, of) => findTarget(name, of, keyOf(id)),
        }),
      )
    })
  }

  const findBase = async (reference: Reference, platform: Platform, from: string): Promise<BaseImage> => {
    const planned = plan.planReferences.get(formatReference(reference))
    if (planned === undefined) return options.resolveBase(reference, platform)
    const base = await slot.outside(() => share(plan.resolveImage(planned), platform, from))
    return asBase(base, formatReference(reference))
  }

  /** A target that is for one platform serves all that stand on it. */
  const findTarget = async (name: string, platform: Platform, from: string): Promise<BaseImage> => {
    if (name.startsWith(layoutScheme)) {
      const { layoutBase } = await import('./base/layout-base.ts')
      return layoutBase(name, platform, options)
    }
    const image = plan.resolveImage({ image: name, variant: undefined })
    const [only, ...others] = image.platforms
    const own = only && others.length === 0 ? only.platform : platform
    return asBase(await slot.outside(() => share(image, own, from)), `target ${name}`)
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
    manifestDigest: manifest.descriptor.digest,
    config: imageConfig,
    layers,
    tree: async () => ({ ...(await tree()), description }),
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
