/** `--metadata-file` and `--iidfile`: results for other programs, as buildx writes them. */
import type { BakeResult, BuiltImage } from '../build/index.ts'
import { formatCodec } from '../layer/index.ts'
import { formatReference } from '../oci/index.ts'
import { writeFileAtomically } from '../store/index.ts'

/**
 * One object per image and variant, by name (`proxy` or `proxy-debug`), with the keys buildx uses. The digest is that of
 * the main delivery; `slipway.destinations` has all of them, as they differ between compressions.
 */
export function metadataOf({ images, deliveries }: Pick<BakeResult, 'images' | 'deliveries'>) {
  const delivered = Map.groupBy(deliveries, ({ image }) => nameOf(image))
  return Object.fromEntries(
    images.map((image) => [
      nameOf(image),
      {
        'containerimage.digest': image.top.descriptor.digest,
        'containerimage.descriptor': image.top.descriptor,
        'image.name': namesOf(image).join(','),
        'slipway.destinations': delivered.get(nameOf(image))?.map((delivery) => ({
          destination: delivery.destination.name,
          names: namesOf(delivery.image),
          compression: formatCodec(delivery.codec),
          digest: delivery.image.top.descriptor.digest,
        })),
      },
    ]),
  )
}

function nameOf({ name, variant }: BuiltImage): string {
  return variant === undefined ? name : `${name}-${variant}`
}

function namesOf({ references }: BuiltImage): string[] {
  return references.map((reference) => formatReference(reference))
}

export async function writeMetadata(path: string, value: unknown): Promise<void> {
  await writeFileAtomically(path, `${JSON.stringify(value, undefined, 2)}\n`)
}
