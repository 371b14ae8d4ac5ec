/**
 * A run: every image of a plan from Dockerfile to its destinations.
 * An image starts as soon as its own artifacts are ready; a base of the plan is built once, before what stands on it;
 * names move only after everything of the run is in place everywhere.
 */
import { all, limit, type Tally } from '../base/index.ts'
import { formatCodec } from '../layer/index.ts'
import { formatPlatform, formatReference, type Digest } from '../oci/index.ts'
import type { Attest } from './attest/attestor.ts'
import { referencesToSign } from './attest/signing/references.ts'
import type { Signer } from './attest/signing/cosign.ts'
import type { Destination } from './dest/destination.ts'
import type { BuildEvent } from './events.ts'
import { idOf, newImageBuilder, type ImageBuilderOptions } from './image-builder.ts'
import type { BuiltImage } from './image.ts'
import { deliver, mainDelivery, packingNames, type Delivery } from './pack/delivery.ts'
import type { Packer } from './pack/packer.ts'
import type { ResolvedImage, ResolvedPlan } from './plan/model.ts'
import type { NoClobber } from './plan/release-rules.ts'
import { guardNames } from './release/clobber-guard.ts'

export interface BakeOptions extends Omit<ImageBuilderOptions, 'signal'> {
  /** its signal must reach layers and destinations too; the first failure aborts it, so that all work ends */
  readonly controller: AbortController
  readonly destinations: readonly Destination[]
  /** where an image goes, some of `destinations`; default: to all of them */
  readonly destinationsOf?: ((image: ResolvedImage) => readonly Destination[]) | undefined
  /** compresses layers for destinations that want it */
  readonly packer: Packer
  readonly tally: Tally
  /** names that lead to another image stay; absent: they move */
  readonly noClobber?: NoClobber | undefined
  /** makes documents about images, which travel with them; absent: none */
  readonly attest?: Attest | undefined
  /** signs images in registries before their names move; absent: they are not signed */
  readonly signer?: Signer | undefined
}

/** Images under way to one destination at a time: each waits for its answers, and holds what it asks until then. */
const deliveriesAtOnce = 32

/** One line of the result: one image in one variant on one platform. */
export interface BakedRow {
  readonly image: string
  readonly variant: string | undefined
  readonly platform: string
  /** of the manifest of this platform, as its main delivery has it */
  readonly digest: Digest
  /** layers that a destination received in this run, counted at the first image that brought them */
  readonly newLayers: number
  readonly sharedLayers: number
  /** bytes of all layers */
  readonly size: number
  readonly seconds: number
}

export interface BakeResult {
  /** as their main deliveries have them, with all their names */
  readonly images: readonly BuiltImage[]
  /** what each destination got, in the order of images and destinations */
  readonly deliveries: readonly Delivery[]
  readonly rows: readonly BakedRow[]
  readonly seconds: number
}

/** Builds and publishes. On failure or abort nothing is named, and what was half-written is removed. */
export async function bake(plan: ResolvedPlan, options: BakeOptions): Promise<BakeResult> {
  const started = performance.now()
  const { emit, packer, controller } = options
  const { signal } = controller
  const packing = new Map(options.destinations.map((each) => [each, packingNames(each, packer)]))
  const destinations = [...packing.values()]
  const destinationsOf =
    options.destinationsOf &&
    ((image: ResolvedImage) => options.destinationsOf!(image).map((each) => packing.get(each)!))
  const builds = plan.images.reduce((sum, image) => sum + image.platforms.length, 0)
  const names = new Set(plan.images.map((image) => image.name))
  emit({ kind: 'plan', images: names.size, builds, commands: plan.commands.length })
  for (const warning of plan.warnings) emit({ kind: 'warning', ...warning })
  for (const { name, takesReferrers } of destinations) {
    if (options.attest && !takesReferrers)
      emit({ kind: 'warning', message: `SBOMs and provenance cannot go to ${name}: they are left out there` })
  }

  const guard =
    options.noClobber &&
    guardNames(plan.images, {
      mode: options.noClobber,
      destinations,
      destinationsOf,
      signal,
      onFailure: (error) => controller.abort(error),
      warn: (message) => emit({ kind: 'warning', message }),
    })
  const slots = new Map(destinations.map((each) => [each, limit(deliveriesAtOnce)]))
  const build = newImageBuilder(plan, { ...options, signal })
  try {
    const finished = await all(plan.images, async (image) => {
      try {
        const plain = await build(image)
        const attested = options.attest ? await options.attest(image, plain) : plain
        const built = { ...attested, isSigned: options.signer !== undefined }
        await guard?.admit(image, built)
        const parcels = await all(destinationsOf?.(image) ?? destinations, async (destination) => {
          const delivered = await slots.get(destination)!(() => deliver(built, destination, packer))
          for (const delivery of delivered) emit(stagedEvent(delivery, image))
          return delivered
        })
        const deliveries = parcels.flat()
        const main = { ...built, ...mainDelivery(deliveries)?.image, references: built.references }
        const { digest } = main.top.descriptor
        emit({ kind: 'image-finished', build: idOf(image), digest, seconds: built.seconds })
        return { built, main, deliveries }
      } catch (error) {
        controller.abort(error)
        throw error
      }
    })
    const images = finished.map(({ built }) => built)
    const deliveries = finished.flatMap((image) => image.deliveries)
    await options.signer?.sign(referencesToSign(deliveries))
    await guard?.recheck(images)
    signal.throwIfAborted()
    await all(destinations, async (destination) => destination.prepare?.())
    signal.throwIfAborted()
    emit({ kind: 'publishing' })
    await all(destinations, (destination) => destination.commit())
    const seconds = (performance.now() - started) / 1000
    emit({
      kind: 'finished',
      seconds,
      tally: options.tally,
      peakMemory: process.resourceUsage().maxRSS * 1024,
    })
    const reported = finished.map(({ main }) => main)
    return { images: reported, deliveries, rows: resultRows(reported, deliveries), seconds }
  } catch (error) {
    controller.abort(error)
    await Promise.allSettled(destinations.map((destination) => destination.abandon()))
    throw error
  }
}

function stagedEvent({ destination, codec, image }: Delivery, resolved: ResolvedImage): BuildEvent {
  return {
    kind: 'staged',
    destination: destination.name,
    build: idOf(resolved),
    references: image.references.map((reference) => formatReference(reference)),
    compression: formatCodec(codec),
    digest: image.top.descriptor.digest,
  }
}

/** Layers are counted by diff id: destinations may have the same layer in other bytes. */
function resultRows(images: readonly BuiltImage[], deliveries: readonly Delivery[]): BakedRow[] {
  const added = new Set<Digest>()
  for (const delivery of deliveries) {
    for (const { blob, diffId } of delivery.image.platforms.flatMap(({ layers }) => layers))
      if (delivery.added.has(blob.descriptor.digest)) added.add(diffId)
  }
  const claimed = new Set<Digest>()
  return images.flatMap((image) =>
    image.platforms.map(({ platform, manifest, layers, seconds }): BakedRow => {
      const diffIds = new Set(layers.map((layer) => layer.diffId))
      const mine = [...diffIds].filter((diffId) => added.has(diffId) && !claimed.has(diffId))
      for (const diffId of mine) claimed.add(diffId)
      return {
        image: image.name,
        variant: image.variant,
        platform: formatPlatform(platform),
        digest: manifest.descriptor.digest,
        newLayers: mine.length,
        sharedLayers: diffIds.size - mine.length,
        size: layers.reduce((sum, layer) => sum + layer.blob.descriptor.size, 0),
        seconds,
      }
    }),
  )
}
