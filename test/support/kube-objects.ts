import { parseAllDocuments } from 'yaml'
import type { KubeObject, ObjectSet } from '../../src/gateway/objects/object.ts'

interface Written {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: {
    readonly name: string
    readonly namespace?: string
    readonly labels?: Record<string, string>
    readonly annotations?: Record<string, string>
    readonly generation?: number
    readonly creationTimestamp?: string
  }
  readonly spec?: unknown
}

const clusterScoped = new Set(['GatewayClass', 'Namespace', 'IngressClass'])

/**
 * Objects of YAML text for tests of translators: no schema, no defaults but namespace `default`, age by
 * `creationTimestamp` (else 1970), every place is line 1 of `test.yaml`.
 */
export function objectSet(...texts: readonly string[]): ObjectSet {
  const objects = texts
    .flatMap((text) => parseAllDocuments(text).map((document) => document.toJS() as Written | null))
    .filter((object) => object !== null)
    .map(toObject)
    .toSorted(
      (a, b) =>
        a.metadata.created - b.metadata.created ||
        compare(a.metadata.namespace, b.metadata.namespace) ||
        compare(a.metadata.name, b.metadata.name),
    )
  const byKind = Map.groupBy(objects, groupKind)
  const byName = new Map(
    objects.map((object) => [
      `${groupKind(object)}/${object.metadata.namespace}/${object.metadata.name}`,
      object,
    ]),
  )
  return {
    list: <Spec>(kind: string) => (byKind.get(kind) ?? []) as KubeObject<Spec>[],
    get: <Spec>(kind: string, namespace: string, name: string) =>
      byName.get(`${kind}/${namespace}/${name}`) as KubeObject<Spec> | undefined,
    namespaceLabels: (namespace) => ({
      ...byName.get(`Namespace//${namespace}`)?.metadata.labels,
      'kubernetes.io/metadata.name': namespace,
    }),
  }
}

function toObject({ apiVersion, kind, metadata, spec = {}, ...rest }: Written): KubeObject {
  return {
    apiVersion,
    kind,
    metadata: {
      name: metadata.name,
      namespace: clusterScoped.has(kind) ? '' : (metadata.namespace ?? 'default'),
      labels: metadata.labels ?? {},
      annotations: metadata.annotations ?? {},
      generation: metadata.generation ?? 1,
      created: Date.parse(metadata.creationTimestamp ?? '1970-01-01T00:00:00Z'),
    },
    spec,
    rest,
    placeOf: () => ({ file: 'test.yaml', line: 1, column: 1 }),
  }
}

function groupKind({ apiVersion, kind }: KubeObject): string {
  return apiVersion.includes('/') ? `${kind}.${apiVersion.split('/')[0]}` : kind
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)
