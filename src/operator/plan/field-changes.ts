/** What differs between two states of an object, field by field, items of keyed lists told apart by their keys. */
import { asMap, formatItemKey, itemKey, type KubeObject, type Shape } from '../../kube/index.ts'

export interface FieldChange {
  /** `spec.template.spec.containers[name=nginx].image` */
  readonly path: string
  /** nothing for a field that is added */
  readonly before: unknown
  /** nothing for a field that is removed */
  readonly after: unknown
}

/** Stands for a value that must not be shown: only that it changes is told. */
export const hidden = '(hidden)'

/** Fields that the server keeps, and those that are not part of what is wanted. */
const kept = new Set([
  'managedFields',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'uid',
  'selfLink',
])

/** Values of Secrets are hidden. Nothing for objects that are the same but for what the server keeps. */
export function changesBetween(
  before: KubeObject | undefined,
  after: KubeObject,
  shape: Shape,
): FieldChange[] {
  const changes = compare(wanted(before), wanted(after), shape, '')
  return after.kind === 'Secret' ? changes.map(hide) : changes
}

function wanted(object: KubeObject | undefined): Readonly<Record<string, unknown>> | undefined {
  if (!object) return undefined
  const { metadata, status: _status, ...rest } = object as KubeObject & { readonly status?: unknown }
  const fields = Object.entries(metadata).filter(([name]) => !kept.has(name))
  return { ...rest, metadata: Object.fromEntries(fields) }
}

function compare(before: unknown, after: unknown, shape: Shape, path: string): FieldChange[] {
  if (before === undefined && path !== '') return [{ path, before, after }]
  if (after === undefined) return [{ path, before, after }]
  const [one, other] = [asMap(before) ?? (path === '' ? {} : undefined), asMap(after)]
  if (one && other) {
    const names = [...new Set([...Object.keys(one), ...Object.keys(other)])]
    return names.flatMap((name) =>
      compareKnown(one[name], other[name], fieldShape(shape, name), step(path, name, shape)),
    )
  }
  if (shape.type === 'keyed' && Array.isArray(before) && Array.isArray(after)) {
    const items = new Map<string, [unknown, unknown]>()
    for (const [side, list] of [before, after].entries()) {
      for (const item of list as unknown[]) {
        const key = itemKey(shape, item) ?? JSON.stringify(item)
        const pair = items.get(key) ?? [undefined, undefined]
        pair[side] = item
        items.set(key, pair)
      }
    }
    return [...items.values()].flatMap(([was, is]) =>
      compareKnown(was, is, shape.item, `${path}[${formatItemKey(shape, was ?? is)}]`),
    )
  }
  return JSON.stringify(sorted(before)) === JSON.stringify(sorted(after)) ? [] : [{ path, before, after }]
}

function compareKnown(before: unknown, after: unknown, shape: Shape, path: string): FieldChange[] {
  return before === undefined && after === undefined ? [] : compare(before, after, shape, path)
}

function fieldShape(shape: Shape, name: string): Shape {
  if (shape.type === 'struct') return shape.field(name) ?? { type: 'any' }
  return shape.type === 'map' ? shape.item : { type: 'any' }
}

/** Keys of maps may hold dots and slashes. */
function step(path: string, name: string, shape: Shape): string {
  if (shape.type === 'map' || /[^\w-]/.test(name)) return `${path}[${name}]`
  return path === '' ? name : `${path}.${name}`
}

function hide(change: FieldChange): FieldChange {
  if (!/^(?:data|stringData)(?:$|\W)|last-applied-configuration/.test(change.path)) return change
  const cover = (value: unknown) => (value === undefined ? undefined : hidden)
  return { path: change.path, before: cover(change.before), after: cover(change.after) }
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  const map = asMap(value)
  if (!map) return value
  return Object.fromEntries(
    Object.entries(map)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => [key, sorted(item)]),
  )
}
