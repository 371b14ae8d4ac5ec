/** Which images a run signs: those that go to a place where names are shared, by repository and digest. */
import { all } from '../../../base/index.ts'
import { formatReference } from '../../../oci/index.ts'
import type { Destination } from '../../dest/destination.ts'
import type { BuiltImage } from '../../image.ts'

/** `registry/repository@digest`, each once, in byte order. */
export async function referencesToSign(
  images: readonly BuiltImage[],
  destinations: readonly Destination[],
): Promise<string[]> {
  const found = new Set<string>()
  await all(destinations, async ({ names }) => {
    if (!names) return
    await all(images, async (image) => {
      for (const reference of image.references) {
        const { registry, repository } = reference
        const digest = await names.digestOf(image, reference)
        found.add(formatReference({ registry, repository, digest }))
      }
    })
  })
  return [...found].toSorted()
}
