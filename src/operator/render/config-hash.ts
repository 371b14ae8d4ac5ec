/**
 * Pods do not notice that a ConfigMap they have mounted as environment or by subPath has changed. A hash of what they use,
 * in their template, makes the change one of the workload, which then rolls as it always does. A package whose program
 * follows its files says `none` there.
 */
import { createHash } from 'node:crypto'
import { asMap, valueAt, type KubeObject } from '../../kube/index.ts'

export const configHashAnnotation = 'slipway.dev/config-hash'

const workloads = new Set(['Deployment', 'StatefulSet', 'DaemonSet'])

/** Objects with the annotation on the templates of workloads that use a ConfigMap or Secret of the same set. */
export function withConfigHashes(objects: readonly KubeObject[]): KubeObject[] {
  const contents = new Map(
    objects
      .filter(({ kind }) => kind === 'ConfigMap' || kind === 'Secret')
      .map((object) => [nameOf(object), object]),
  )
  return objects.map((object) => (workloads.has(object.kind) ? withHash(object, contents) : object))
}

function withHash(workload: KubeObject, contents: ReadonlyMap<string, KubeObject>): KubeObject {
  const spec = asMap(workload['spec'])
  const template = asMap(spec?.['template'])
  const used = [...referencesIn(template)]
    .map((reference) => contents.get(`${reference} ${workload.metadata.namespace}`))
    .filter((object) => object !== undefined)
  const metadata = asMap(template?.['metadata']) ?? {}
  const isSaid = valueAt(metadata, 'annotations', configHashAnnotation) !== undefined
  if (!spec || !template || used.length === 0 || isSaid) return workload
  const hash = createHash('sha256')
  for (const object of used.toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1))) {
    const { data, binaryData, stringData } = object as Readonly<Record<string, unknown>>
    hash.update(
      JSON.stringify([
        object.kind,
        object.metadata.name,
        sorted(data),
        sorted(binaryData),
        sorted(stringData),
      ]),
    )
  }
  const annotations = {
    ...asMap(metadata['annotations']),
    [configHashAnnotation]: hash.digest('hex').slice(0, 16),
  }
  return {
    ...workload,
    spec: { ...spec, template: { ...template, metadata: { ...metadata, annotations } } },
  }
}

function nameOf({ kind, metadata }: KubeObject): string {
  return `${kind} ${metadata.name} ${metadata.namespace}`
}

function sorted(value: unknown): unknown {
  return Object.entries(asMap(value) ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1))
}

/** `ConfigMap NAME` and `Secret NAME` of volumes and environment variables (core/v1 PodSpec). */
function* referencesIn(template: unknown): Generator<string> {
  const spec = valueAt(template, 'spec')
  const containers = [...listAt(spec, 'initContainers'), ...listAt(spec, 'containers')]
  for (const container of containers) {
    for (const source of listAt(container, 'envFrom')) {
      yield* named('ConfigMap', valueAt(source, 'configMapRef', 'name'))
      yield* named('Secret', valueAt(source, 'secretRef', 'name'))
    }
    for (const variable of listAt(container, 'env')) {
      yield* named('ConfigMap', valueAt(variable, 'valueFrom', 'configMapKeyRef', 'name'))
      yield* named('Secret', valueAt(variable, 'valueFrom', 'secretKeyRef', 'name'))
    }
  }
  for (const volume of listAt(spec, 'volumes')) {
    for (const source of [volume, ...listAt(valueAt(volume, 'projected'), 'sources')]) {
      yield* named('ConfigMap', valueAt(source, 'configMap', 'name'))
      yield* named('Secret', valueAt(source, 'secret', 'secretName') ?? valueAt(source, 'secret', 'name'))
    }
  }
}

function* named(kind: string, name: unknown): Generator<string> {
  if (typeof name === 'string') yield `${kind} ${name}`
}

function listAt(value: unknown, field: string): readonly unknown[] {
  const list = valueAt(value, field)
  return Array.isArray(list) ? list : []
}
