/** Objects of Kubernetes as plain JSON, and what names one (API conventions, "Types (Kinds)" and "Metadata"). */

export interface ObjectMeta {
  readonly name: string
  /** nothing for kinds of the cluster */
  readonly namespace?: string | undefined
  readonly labels?: Readonly<Record<string, string>> | undefined
  readonly annotations?: Readonly<Record<string, string>> | undefined
  readonly uid?: string
  readonly resourceVersion?: string
  readonly generation?: number
  readonly creationTimestamp?: string
  readonly deletionTimestamp?: string
  readonly finalizers?: readonly string[]
  readonly ownerReferences?: readonly OwnerReference[]
  readonly managedFields?: readonly ManagedFieldsEntry[]
}

export interface OwnerReference {
  readonly apiVersion: string
  readonly kind: string
  readonly name: string
  readonly uid: string
  readonly controller?: boolean
}

export interface ManagedFieldsEntry {
  readonly manager: string
  readonly operation: 'Apply' | 'Update'
  readonly apiVersion: string
  readonly time?: string
  readonly fieldsType: 'FieldsV1'
  readonly fieldsV1?: FieldSet
  readonly subresource?: string
}

/** FieldsV1: keys are `f:NAME`, `k:{KEYS}`, `v:VALUE`, `i:INDEX` and `.` for the thing itself. */
export interface FieldSet {
  readonly [key: string]: FieldSet
}

export interface KubeObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: ObjectMeta
  readonly [field: string]: unknown
}

/** What names a kind in one version. */
export interface Kind {
  /** `apps/v1`; of the core group `v1` */
  readonly apiVersion: string
  readonly kind: string
}

/** What names one object. */
export interface ObjectId extends Kind {
  readonly namespace: string | undefined
  readonly name: string
}

/** `''` for the core group. */
export function groupOf({ apiVersion }: Pick<Kind, 'apiVersion'>): string {
  const slash = apiVersion.indexOf('/')
  return slash < 0 ? '' : apiVersion.slice(0, slash)
}

/** `Deployment.apps`; core kinds have no group: `Service`. */
export function groupKind(kind: Kind): string {
  const group = groupOf(kind)
  return group === '' ? kind.kind : `${kind.kind}.${group}`
}

export function idOf({ apiVersion, kind, metadata }: KubeObject): ObjectId {
  return { apiVersion, kind, namespace: metadata.namespace, name: metadata.name }
}

/** The same text for every version of a kind: `Deployment.apps/shop/web`. */
export function keyOf(object: ObjectId | KubeObject): string {
  const { namespace = '', name } = 'metadata' in object ? object.metadata : object
  return `${groupKind(object)}/${namespace}/${name}`
}

/** For people: `Deployment shop/web`, `Namespace shop`. */
export function formatObject(object: ObjectId | KubeObject): string {
  const { namespace, name } = 'metadata' in object ? object.metadata : object
  return `${object.kind} ${namespace ? `${namespace}/` : ''}${name}`
}

/** A value that is a map, or nothing. */
export function asMap(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : undefined
}

/** The value at a path of keys and indexes, or nothing. */
export function valueAt(value: unknown, ...path: readonly (string | number)[]): unknown {
  let current = value
  for (const step of path) {
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, step)) return undefined
    current = (current as Record<string | number, unknown>)[step]
  }
  return current
}
