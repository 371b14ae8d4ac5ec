/** Objects of one moment, found by kind, namespace and name. */
import type { GroupKind, KubeObject, ObjectSet } from './object.ts'
import { groupKindOf, splitApiVersion } from './kind.ts'

export const namespaceNameLabel = 'kubernetes.io/metadata.name'

export function newObjectSet(objects: readonly KubeObject[]): ObjectSet {
  const lists = Map.groupBy(objects, (object) => groupKindOf(groupKindParts(object)))
  const sorted = new Map([...lists].map(([kind, list]) => [kind, list.toSorted(byAge)]))
  const index = new Map(
    objects.map((object) => [keyOf(groupKindOf(groupKindParts(object)), object.metadata), object]),
  )
  return {
    list: <Spec>(kind: GroupKind) => (sorted.get(kind) ?? []) as readonly KubeObject<Spec>[],
    get: <Spec>(kind: GroupKind, namespace: string, name: string) =>
      index.get(keyOf(kind, { namespace, name })) as KubeObject<Spec> | undefined,
    namespaceLabels: (namespace) => ({
      ...index.get(keyOf('Namespace', { namespace: '', name: namespace }))?.metadata.labels,
      [namespaceNameLabel]: namespace,
    }),
  }
}

/** Oldest first, then by namespace and name. */
function byAge({ metadata: a }: KubeObject, { metadata: b }: KubeObject): number {
  return a.created - b.created || compare(a.namespace, b.namespace) || compare(a.name, b.name)
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** One text for each object: `HTTPRoute.gateway.networking.k8s.io/default/web`. */
export function keyOf(kind: GroupKind, { namespace, name }: { namespace: string; name: string }): string {
  return `${kind}/${namespace}/${name}`
}

function groupKindParts({ apiVersion, kind }: KubeObject): { kind: string; group: string } {
  return { kind, group: splitApiVersion(apiVersion).group }
}
