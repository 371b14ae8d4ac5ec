/** Namespaces that no file defines are taken as present. That is said, so that a slip of the hand shows. */
import type { Diagnostic } from './diagnostic.ts'
import type { KubeObject, ObjectSet } from './object.ts'

/** One info for each, at the first object in it. `namespace` is the one that needs no mention. */
export function describeImpliedNamespaces(
  objects: ObjectSet,
  all: readonly KubeObject[],
  namespace: string,
): Diagnostic[] {
  const told = new Map<string, Diagnostic>()
  for (const { metadata, placeOf } of all) {
    const name = metadata.namespace
    if (name === '' || name === namespace || told.has(name) || objects.get('Namespace', '', name)) continue
    told.set(name, {
      severity: 'info',
      rule: 'implied-namespace',
      message: `no file defines the namespace ${name}; it is taken as present`,
      at: placeOf(['metadata', 'namespace']),
    })
  }
  return [...told.values()]
}
