/** `--metadata-file` and `--iidfile`: results for other programs, as buildx writes them. */
import type { BuiltImage } from '../build/index.ts'
import { formatReference } from '../oci/index.ts'
import { writeFileAtomically } from '../store/index.ts'

/** One object per image and variant, by name (`proxy` or `proxy-debug`), with the keys buildx uses. */
export function metadataOf(images: readonly BuiltImage[]): Record<string, unknown> {
  return Object.fromEntries(
    images.map((image) => [
      image.variant === undefined ? image.name : `${image.name}-${image.variant}`,
      {
        'containerimage.digest': image.top.descriptor.digest,
        'containerimage.descriptor': image.top.descriptor,
        'image.name': image.references.map((reference) => formatReference(reference)).join(','),
      },
    ]),
  )
}

export async function writeMetadata(path: string, value: unknown): Promise<void> {
  await writeFileAtomically(path, `${JSON.stringify(value, undefined, 2)}\n`)
}
