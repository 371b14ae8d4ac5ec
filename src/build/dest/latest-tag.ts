/** A trap of Kubernetes for images that are loaded and not pulled. */
import { formatReference, type Reference } from '../../oci/index.ts'
import type { Emit } from '../events.ts'

/**
 * Warns of each name tagged `latest`, once: unless a pod says otherwise, it pulls such an image at every start
 * (Kubernetes documentation, "Default image pull policy").
 */
export function latestTagWarner(emit: Emit): (reference: Reference) => void {
  const warned = new Set<string>()
  return (reference) => {
    const name = formatReference(reference)
    if (reference.tag !== 'latest' || warned.has(name)) return
    warned.add(name)
    emit({
      kind: 'warning',
      message: `Kubernetes will not use the loaded image ${name}: it pulls what is tagged "latest" anew`,
      hint: 'use another tag, or set "imagePullPolicy: IfNotPresent"',
    })
  }
}
