/** A build of an earlier run as a build of this one, if everything it saw is as it was. */
import { all, Failure } from '../../base/index.ts'
import {
  bytesBlob,
  mediaTypes,
  parsePlatform,
  parseReference,
  type Digest,
  type ImageConfig,
  type Opener,
} from '../../oci/index.ts'
import type { Witness } from '../context/observation.ts'
import type { Emit } from '../events.ts'
import type { BuiltLayer } from '../layers.ts'
import type { PlatformBuild, PlatformBuildRequest } from '../platform-build.ts'
import { digestsOf } from './inputs.ts'
import type { RememberedBuild, RememberedLayer } from './build-memos.ts'
import type { LookAgain } from './look-again.ts'

export interface RecallOptions extends PlatformBuildRequest {
  readonly isAsBefore: LookAgain
  readonly warn: Witness['warn']
  readonly emit: Emit
  /** does the build after all, once, when somebody needs the bytes of a layer or the tree */
  readonly evaluate: () => Promise<PlatformBuild>
}

export async function recall(
  { inputs, config, manifest, layers, materials }: RememberedBuild,
  options: RecallOptions,
): Promise<PlatformBuild | undefined> {
  const { id, target, emit, evaluate } = options
  const started = performance.now()
  if (options.isAsBefore(inputs) !== undefined) return undefined
  const baseLayers = await layersOfBases(inputs.bases, options)
  if (!baseLayers) return undefined
  const built: BuiltLayer[] = []
  for (const layer of layers) {
    const known = layer.isBase ? baseLayers.get(layer.descriptor.digest) : ownLayer(layer, evaluate)
    if (!known) return undefined
    built.push(known)
  }
  for (const { message, at } of inputs.warnings) options.warn(message, at)
  for (const { state, diffId, blob } of built)
    emit({ kind: 'layer', build: id, state, digest: diffId, bytes: blob.descriptor.size })
  return {
    platform: target.platform,
    config: bytesBlob(mediaTypes.config, Buffer.from(config)),
    manifest: bytesBlob(mediaTypes.manifest, Buffer.from(manifest)),
    layers: built,
    materials,
    seconds: (performance.now() - started) / 1000,
    get imageConfig() {
      return JSON.parse(config) as ImageConfig
    },
    tree: async () => (await evaluate()).tree(),
  }
}

/** The layers of all bases by digest; nothing when a base is another one now. */
async function layersOfBases(
  bases: RememberedBuild['inputs']['bases'],
  { resolveBase, resolveTarget }: RecallOptions,
): Promise<ReadonlyMap<Digest, BuiltLayer> | undefined> {
  const layers = new Map<Digest, BuiltLayer>()
  const same = await all(bases, async ({ kind, name, platform, digests }) => {
    const of = parsePlatform(platform)
    const base = await (kind === 'image' ? resolveBase(parseReference(name), of) : resolveTarget(name, of))
    for (const layer of base.layers) layers.set(layer.blob.descriptor.digest, layer)
    return digestsOf(base) === digests
  })
  return same.every(Boolean) ? layers : undefined
}

function ownLayer(
  { descriptor, diffId }: RememberedLayer,
  evaluate: () => Promise<PlatformBuild>,
): BuiltLayer {
  const real = async (): Promise<BuiltLayer> => {
    const build = await evaluate()
    const found = build.layers.find(({ blob }) => blob.descriptor.digest === descriptor.digest)
    if (found) return found
    throw new Failure(
      'SOURCE_CHANGED',
      `a source of the layer ${descriptor.digest} changed while it was built`,
      { hint: 'let the program that writes it finish, then run the same command again' },
    )
  }
  const open: Opener = async function* (options) {
    yield* (await real()).blob.open(options)
  }
  return {
    blob: { descriptor, open, check: async () => (await real()).blob.check?.() },
    recipe: async () => (await real()).recipe!(),
    diffId,
    state: 'known',
    isProven: true,
  }
}
