/**
 * Sets of fields as managedFields has them (FieldsV1): `f:NAME` a field, `k:{…}` an item of a keyed list, `v:…` a value of
 * a set, `i:N` an index, `.` the thing itself. A key without anything below it is a field and all that is in it.
 */
import { asMap, type FieldSet, type KubeObject } from '../../kube/index.ts'

/** What is in the first and not in the second. */
export function subtractFields(from: FieldSet, less: FieldSet): FieldSet {
  const rest: Record<string, FieldSet> = {}
  for (const [key, below] of Object.entries(from)) {
    const other = less[key]
    if (!other) rest[key] = below
    else if (!isLeaf(below)) {
      const left = isLeaf(other) ? withoutSelf(below) : subtractFields(below, other)
      if (!isLeaf(left)) rest[key] = left
    }
  }
  return rest
}

/** What is in any of them. */
export function joinFields(one: FieldSet, other: FieldSet): FieldSet {
  const joined: Record<string, FieldSet> = { ...one }
  for (const [key, below] of Object.entries(other)) {
    const known = joined[key]
    const isBothWhole = known !== undefined && isLeaf(known) && isLeaf(below)
    joined[key] = known && !isBothWhole ? joinFields(withSelf(known), withSelf(below)) : below
  }
  return joined
}

/** The part of an object that is in a set, with its identity; keys of items come with them. */
export function extractFields(object: KubeObject, fields: FieldSet): KubeObject {
  const { apiVersion, kind, metadata, ...rest } = object
  const owned = asMap(extract({ metadata, ...rest }, fields)) ?? {}
  const { namespace, name } = metadata
  return {
    apiVersion,
    kind,
    ...owned,
    metadata: { name, ...(namespace !== undefined && { namespace }), ...asMap(owned['metadata']) },
  }
}

function extract(value: unknown, fields: FieldSet): unknown {
  if (isLeaf(fields)) return value
  if (Array.isArray(value)) return extractItems(value, fields)
  const map = asMap(value)
  if (!map) return value
  return Object.fromEntries(
    Object.entries(map)
      .filter(([name]) => fields[`f:${name}`] !== undefined)
      .map(([name, item]) => [name, extract(item, fields[`f:${name}`]!)]),
  )
}

function extractItems(items: readonly unknown[], fields: FieldSet): unknown[] {
  const keyed = Object.entries(fields).filter(([key]) => key.startsWith('k:'))
  return items.flatMap((item, index) => {
    const found = keyed.find(([key]) =>
      hasKeys(item, JSON.parse(key.slice(2)) as Readonly<Record<string, unknown>>),
    )
    if (found) {
      const keys = JSON.parse(found[0].slice(2)) as Readonly<Record<string, unknown>>
      return [isLeaf(found[1]) ? item : { ...keys, ...asMap(extract(item, found[1])) }]
    }
    const isOwned = fields[`v:${JSON.stringify(item)}`] !== undefined || fields[`i:${index}`] !== undefined
    return isOwned ? [item] : []
  })
}

function hasKeys(item: unknown, keys: Readonly<Record<string, unknown>>): boolean {
  const map = asMap(item)
  return map !== undefined && Object.entries(keys).every(([name, value]) => map[name] === value)
}

function isLeaf(fields: FieldSet): boolean {
  return Object.keys(fields).length === 0
}

/** A field that belongs to somebody as a whole, and one of which parts do, are told apart by `.`. */
function withSelf(fields: FieldSet): FieldSet {
  return isLeaf(fields) ? { '.': {} } : fields
}

function withoutSelf({ '.': _self, ...rest }: FieldSet): FieldSet {
  return rest
}
