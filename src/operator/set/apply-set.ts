/**
 * Membership of objects in an installation, by the ApplySet specification (KEP-3659): a label on each member with an id
 * that is made of the name of the parent, and annotations on the parent that say where members are.
 */
import { createHash } from 'node:crypto'
import { groupKind, keyOf, type Kind, type KubeObject, type ObjectId } from '../../kube/index.ts'

export const partOfLabel = 'applyset.kubernetes.io/part-of'
export const idLabel = 'applyset.kubernetes.io/id'
export const toolingAnnotation = 'applyset.kubernetes.io/tooling'
export const kindsAnnotation = 'applyset.kubernetes.io/contains-group-kinds'
export const namespacesAnnotation = 'applyset.kubernetes.io/additional-namespaces'

/** Before the slash of the tooling annotation; also the field manager of everything that is applied. */
export const toolName = 'slipway'

/** The ConfigMap that keeps account of an installation. */
export function parentId(name: string, namespace: string): ObjectId {
  return { apiVersion: 'v1', kind: 'ConfigMap', namespace, name: `slipway-${name}` }
}

/** `applyset-…-v1` */
export function setIdOf({ name, namespace, ...kind }: ObjectId): string {
  const [plain, ...group] = groupKind(kind).split('.')
  const text = [name, namespace ?? '', plain, group.join('.')].join('.')
  return `applyset-${createHash('sha256').update(text).digest('base64url')}-v1`
}

/** The set that an object says it belongs to. */
export function setOf({ metadata }: KubeObject): string | undefined {
  return metadata.labels?.[partOfLabel]
}

/** The object as a member. */
export function asMember(object: KubeObject, setId: string): KubeObject {
  const { metadata } = object
  return { ...object, metadata: { ...metadata, labels: { ...metadata.labels, [partOfLabel]: setId } } }
}

/** Where members of a set may be: the kinds and namespaces to look through. */
export interface Scope {
  readonly kinds: readonly Kind[]
  /** besides that of the parent */
  readonly namespaces: readonly string[]
}

export function scopeOf(objects: readonly KubeObject[], own: string): Scope {
  const kinds = new Map(
    objects.map(({ apiVersion, kind }) => [groupKind({ apiVersion, kind }), { apiVersion, kind }]),
  )
  const namespaces = new Set(
    objects.map(({ metadata }) => metadata.namespace).filter((name) => name !== undefined),
  )
  namespaces.delete(own)
  return { kinds: [...kinds.values()].toSorted(byText(groupKind)), namespaces: [...namespaces].toSorted() }
}

/** Both together. Of two versions of a kind the second counts. */
export function joinScopes(one: Scope, other: Scope): Scope {
  const kinds = new Map([...one.kinds, ...other.kinds].map((kind) => [groupKind(kind), kind]))
  return {
    kinds: [...kinds.values()].toSorted(byText(groupKind)),
    namespaces: [...new Set([...one.namespaces, ...other.namespaces])].toSorted(),
  }
}

/** Members that are not among the wanted ones, in any version of their kind. */
export function leftOver(members: readonly KubeObject[], wanted: readonly KubeObject[]): KubeObject[] {
  const keys = new Set(wanted.map(keyOf))
  return members.filter((member) => !keys.has(keyOf(member)))
}

function byText<T>(textOf: (item: T) => string): (a: T, b: T) => number {
  return (a, b) => (textOf(a) < textOf(b) ? -1 : 1)
}
