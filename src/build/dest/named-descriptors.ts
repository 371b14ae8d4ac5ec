/** Images in the `index.json` of a layout, named for the tools that read it. Pure. */
import { formatReference, type Descriptor } from '../../oci/index.ts'
import { refNameAnnotation } from '../../store/index.ts'
import type { BuiltImage } from '../image.ts'

/**
 * One entry for each name, or one without a name. The full reference is also given as `io.containerd.image.name`,
 * which containerd and Docker read.
 */
export function namedDescriptors({ top, references, refNames }: BuiltImage): Descriptor[] {
  const named = (annotations: Record<string, string>): Descriptor => ({
    ...top.descriptor,
    annotations: { ...top.descriptor.annotations, ...annotations },
  })
  if (refNames && refNames.length > 0) return refNames.map((name) => named({ [refNameAnnotation]: name }))
  if (references.length === 0) return [top.descriptor]
  return references.map((reference) => {
    const name = formatReference(reference)
    return named({ [refNameAnnotation]: name, 'io.containerd.image.name': name })
  })
}
