/** An image on its way to one destination, compressed as each of its names wants it. */
import { all } from '../../base/index.ts'
import { formatCodec, noCodec, type Codec } from '../../layer/index.ts'
import type { Digest, Reference } from '../../oci/index.ts'
import type { Destination, SharedNames } from '../dest/destination.ts'
import type { BuiltImage } from '../image.ts'
import type { Packer } from './packer.ts'

/** What a destination got of an image. */
export interface Delivery {
  readonly destination: Destination
  readonly codec: Codec
  /** as it arrived, with the names it got */
  readonly image: BuiltImage
  /** digests of what was not there before */
  readonly added: ReadonlySet<Digest>
}

/** Stages an image under all its names, once for each compression that they ask for. */
export async function deliver(
  image: BuiltImage,
  destination: Destination,
  packer: Packer,
): Promise<Delivery[]> {
  const parcels = new Map<string, { readonly codec: Codec; readonly references: Reference[] }>()
  const names = image.references.length > 0 ? image.references : [undefined]
  for (const reference of names) {
    const codec = codecFor(destination, reference)
    const parcel = parcels.get(formatCodec(codec)) ?? { codec, references: [] }
    parcels.set(formatCodec(codec), parcel)
    if (reference) parcel.references.push(reference)
  }
  return all(parcels.values(), async ({ codec, references }) => {
    const packed = { ...(await packer.pack(image, codec)), references }
    const added = await destination.stage(packed)
    return { destination, codec, image: packed, added: new Set(added.map(({ digest }) => digest)) }
  })
}

/** The destination as one that is asked about images before they are packed. */
export function packingNames(destination: Destination, packer: Packer): Destination {
  const { names } = destination
  if (!names) return destination
  const digestOf: SharedNames['digestOf'] = async (image, reference) =>
    names.digestOf(await packer.pack(image, codecFor(destination, reference)), reference)
  return { ...destination, names: { ...names, digestOf } }
}

/**
 * The delivery whose digests stand for the image where one is asked for: what was pushed before what was written, and
 * of what was pushed, what registries other than those nearby got.
 */
export function mainDelivery(deliveries: readonly Delivery[]): Delivery | undefined {
  const pushed = deliveries.filter(({ destination }) => destination.names !== undefined)
  return pushed.find(({ codec }) => codec.type !== 'none') ?? pushed[0] ?? deliveries[0]
}

function codecFor(destination: Destination, reference: Reference | undefined): Codec {
  return destination.codecFor?.(reference) ?? noCodec
}
