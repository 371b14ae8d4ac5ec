/** Which images a run signs: those that went to a place where names are shared, by repository and digest. */
import { formatReference } from '../../../oci/index.ts'
import type { Delivery } from '../../pack/delivery.ts'

/** `registry/repository@digest`, each once, in byte order. */
export function referencesToSign(deliveries: readonly Delivery[]): string[] {
  const found = deliveries
    .filter(({ destination }) => destination.names)
    .flatMap(({ image: { references, top } }) =>
      references.map(({ registry, repository }) =>
        formatReference({ registry, repository, digest: top.descriptor.digest }),
      ),
    )
  return [...new Set(found)].toSorted()
}
