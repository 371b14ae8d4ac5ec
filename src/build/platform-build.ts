/** One image in one variant on one platform: evaluated, or taken from an earlier run that saw the same. */
import { all, once, type Waiting } from '../base/index.ts'
import {
  formatPlatform,
  formatReference,
  type ImageConfig,
  type Platform,
  type Reference,
} from '../oci/index.ts'
import { readAnnotations } from './annotations.ts'
import type { AddSources } from './add/add-sources.ts'
import { newRecorder, type Recorder } from './attest/provenance/recorder.ts'
import type { BaseImage } from './base/base-image.ts'
import type { Contexts } from './contexts.ts'
import type { DelegateStage } from './delegate/stage-request.ts'
import { parseEpoch } from './epoch.ts'
import type { BuildId, Emit } from './events.ts'
import { newHistory, type History, type HistoryOptions } from './explain/history.ts'
import type { Witness } from './context/observation.ts'
import { assembleManifest, type BuiltPlatform } from './image.ts'
import type { LayerBuilder } from './layers.ts'
import { buildKey, readMemo, writeMemo, type MemoStore } from './memo/build-memos.ts'
import { recordInputs, type InputRecorder, type SeenBuild } from './memo/inputs.ts'
import { lookAgain } from './memo/look-again.ts'
import { recall } from './memo/recall.ts'
import type { ResolvedImage, ResolvedPlatform } from './plan/model.ts'

/** A finished build, with what images that stand on it need. */
export interface PlatformBuild extends BuiltPlatform {
  readonly imageConfig: ImageConfig
}

export interface PlatformBuilderOptions extends Waiting {
  readonly layers: LayerBuilder
  readonly addSources: AddSources
  readonly delegateStage?: DelegateStage | undefined
  /** builds of earlier runs; absent: every build is evaluated */
  readonly memos?: MemoStore | undefined
  /** where what builds were made of is written down; absent: nowhere */
  readonly history?: HistoryOptions | undefined
  readonly buildPlatform: Platform
  /** seconds since the epoch */
  readonly mtime: number
  readonly emit: Emit
  readonly warn: Witness['warn']
  /** told what each build looked at, also when it failed; default: nobody is */
  readonly onInputs?: ((build: BuildId, seen: SeenBuild) => void) | undefined
  /** made when the first build has to be evaluated */
  readonly contexts: () => Promise<Contexts>
}

export interface PlatformBuildRequest {
  readonly id: BuildId
  readonly image: ResolvedImage
  readonly target: ResolvedPlatform
  readonly resolveBase: (reference: Reference, platform: Platform) => Promise<BaseImage>
  readonly resolveTarget: (name: string, platform: Platform) => Promise<BaseImage>
}

interface EvaluateOptions {
  readonly key?: string | undefined
  readonly history?: History | undefined
  /** its layers may be sent while they are hashed; default false, for what is done inside of a transfer */
  readonly mayStream?: boolean
}

export function newPlatformBuilder(
  options: PlatformBuilderOptions,
): (request: PlatformBuildRequest) => Promise<PlatformBuild> {
  const { emit, layers, signal, memos, buildPlatform, warn } = options
  // Before anything is looked at: what changes from now on is not remembered.
  const startedMs = Date.now()
  const isAsBefore = lookAgain()
  const history = options.history && newHistory(options.history, emit)
  const mtimeOf = ({ args }: ResolvedImage): number => parseEpoch(args['SOURCE_DATE_EPOCH']) ?? options.mtime

  const evaluate = async (
    request: PlatformBuildRequest,
    { key, history, mayStream }: EvaluateOptions,
    recorder = recordInputs(startedMs, warn),
  ): Promise<PlatformBuild> => {
    const { id, image, target } = request
    const started = performance.now()
    const noted = newRecorder(options.addSources)
    const [{ evaluateImage }, contexts] = await Promise.all([
      import('./evaluate/evaluate.ts'),
      options.contexts(),
    ])
    const spec = await evaluateImage({
      image,
      target,
      contexts: contexts.watched(recorder),
      buildPlatform,
      mtime: mtimeOf(image),
      warn: recorder.warn,
      signal,
      ...witnessed({ ...options, addSources: noted.addSources }, request, { recorder, noted }),
    })
    const built = await all(spec.layers, async (layer) => {
      const result = 'blob' in layer ? layer : await layers.build(layer.recipe, mayStream ? image : undefined)
      const { state, diffId: digest } = result
      emit({ kind: 'layer', build: id, state, digest, bytes: result.blob.descriptor.size })
      return result
    })
    const rootfs = { type: 'layers' as const, diff_ids: built.map((layer) => layer.diffId) }
    const imageConfig: ImageConfig = { ...spec.config, rootfs }
    const annotations = readAnnotations(image.annotations).at('manifest', target.platform)
    const { config, manifest } = assembleManifest(imageConfig, built, annotations)
    const materials = noted.materials()
    const inputs = built.every(({ isProven }) => isProven) ? recorder.inputs() : undefined
    if (memos && key !== undefined && inputs)
      await writeMemo(memos, key, { inputs, config, manifest, layers: built, materials })
    await history?.built(id, {
      image,
      digest: manifest.descriptor.digest,
      config: imageConfig,
      layers: built,
      places: spec.layers.map((layer) => ('place' in layer ? layer.place : undefined)),
      texts: recorder.texts(),
      bases: recorder.seen().bases,
    })
    const seconds = (performance.now() - started) / 1000
    const tree = async () => spec.tree
    return {
      platform: target.platform,
      config,
      manifest,
      layers: built,
      seconds,
      materials,
      imageConfig,
      tree,
    }
  }

  const evaluateSeen = async (
    request: PlatformBuildRequest,
    key: string | undefined,
  ): Promise<PlatformBuild> => {
    const recorder = recordInputs(startedMs, warn)
    try {
      return await evaluate(request, { key, history, mayStream: true }, recorder)
    } finally {
      options.onInputs?.(request.id, recorder.seen())
    }
  }

  return async (request) => {
    const { id, image, target } = request
    signal?.throwIfAborted()
    // Read before the work, so that a wrong one does not cost a build.
    readAnnotations(image.annotations).at('manifest', target.platform)
    emit({ kind: 'build-started', build: id })
    const key =
      memos && !image.noCache ? buildKey({ image, target, buildPlatform, mtime: mtimeOf(image) }) : undefined
    const memo = memos && key !== undefined ? readMemo(memos, key) : undefined
    const afresh = once<'build', PlatformBuild>()
    const recalled =
      memo &&
      (await recall(memo, {
        ...request,
        isAsBefore,
        warn,
        emit,
        evaluate: () => afresh('build', () => evaluate(request, {})),
      }))
    const isTaken = recalled && !history?.isNews(id, image, recalled.manifest.descriptor.digest)
    const build = isTaken ? recalled : await evaluateSeen(request, key)
    if (isTaken) options.onInputs?.(id, { inputs: memo.inputs, bases: memo.inputs.bases })
    if (isTaken) history?.recalled(id)
    emit({ kind: 'build-finished', build: id, digest: build.manifest.descriptor.digest })
    return build
  }
}

/** What reaches outside of the host's files, with a note of it. */
function witnessed(
  { addSources, delegateStage }: PlatformBuilderOptions,
  { resolveBase, resolveTarget }: PlatformBuildRequest,
  { recorder, noted }: { recorder: InputRecorder; noted: Recorder },
) {
  return {
    async resolveBase(reference: Reference, platform: Platform) {
      const base = await resolveBase(reference, platform)
      noted.addImage(reference, platform, base.digest ?? base.manifestDigest)
      const input = { name: formatReference(reference), platform: formatPlatform(platform) }
      recorder.base({ kind: 'image', ...input }, base)
      return base
    },
    async resolveTarget(name: string, platform: Platform) {
      const base = await resolveTarget(name, platform)
      recorder.base({ kind: 'target', name, platform: formatPlatform(platform) }, base)
      return base
    },
    addSources: {
      ...addSources,
      download: (...call: Parameters<AddSources['download']>) => {
        recorder.cannotRepeat()
        return addSources.download(...call)
      },
      checkOut: (...call: Parameters<AddSources['checkOut']>) => {
        recorder.cannotRepeat()
        return addSources.checkOut(...call)
      },
    },
    delegateStage:
      delegateStage &&
      ((request: Parameters<DelegateStage>[0]) => {
        recorder.cannotRepeat()
        return delegateStage(request)
      }),
  }
}
