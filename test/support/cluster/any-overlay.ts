/** Random changes to rendered objects, drawn from the shapes of their kinds. */
import fc from 'fast-check'
import { asMap, itemKey, type KeyedShape, type Shape } from '../../../src/kube/index.ts'

type Fields = Readonly<Record<string, unknown>>

/** Fields whose values only the server, or other objects, can say are good. */
const left = new Set([
  'status',
  'apiVersion',
  'kind',
  'clusterIP',
  'clusterIPs',
  'uid',
  'finalizers',
  'ownerReferences',
])

/**
 * A partial object for `merge` that sets, or with `removes` removes, some fields of a value: few, and none that is
 * protected. What it sets has the right type and need not be valid.
 */
export function anyPatch(
  value: Fields,
  shape: Shape,
  { removes }: { readonly removes: boolean },
): fc.Arbitrary<Fields> {
  return patchOf(value, shape, removes, 0).map((patch) => (asMap(patch) ?? {}) as Fields)
}

function patchOf(value: unknown, shape: Shape, removes: boolean, depth: number): fc.Arbitrary<unknown> {
  switch (shape.type) {
    case 'struct': {
      if (shape.isAtomic) return valueOf(shape, depth)
      const fields = asMap(value) ?? {}
      // Of metadata overlays may change these.
      const all = shape.names.includes('managedFields') ? ['labels', 'annotations'] : shape.names
      const names = all.filter((name) => !left.has(name))
      if (names.length === 0) return fc.constant({})
      // Fields that are there are likelier, so that changes meet something.
      const present = names.filter((name) => name in fields)
      const name =
        present.length > 0
          ? fc.oneof(fc.constantFrom(...present), fc.constantFrom(...names))
          : fc.constantFrom(...names)
      return name.chain((chosen) => {
        const field = shape.field(chosen)!
        const isRemovable = removes && chosen in fields && !shape.required.includes(chosen)
        const below = patchOf(fields[chosen], field, removes, depth + 1)
        const change = isRemovable ? fc.oneof({ arbitrary: below, weight: 3 }, fc.constant(null)) : below
        return change.map((item) => ({ [chosen]: item }))
      })
    }
    case 'keyed':
      return Array.isArray(value) && value.length > 0
        ? fc.constantFrom(...(value as unknown[])).chain((item) => itemPatch(item, shape, removes, depth))
        : valueOf(shape, depth)
    default:
      return valueOf(shape, depth)
  }
}

function itemPatch(item: unknown, shape: KeyedShape, removes: boolean, depth: number): fc.Arbitrary<unknown> {
  const fields = asMap(item) ?? {}
  const keys = Object.fromEntries(shape.keys.filter((key) => key in fields).map((key) => [key, fields[key]]))
  const change = patchOf(item, shape.item, removes, depth + 1).map((patch) => [{ ...asMap(patch), ...keys }])
  if (!removes || itemKey(shape, item) === undefined) return change
  return fc.oneof({ arbitrary: change, weight: 3 }, fc.constant([{ ...keys, $patch: 'delete' }]))
}

const word = fc.stringMatching(/^[a-z][a-z0-9]{0,7}$/)

/** Something of the shape, as small as it can be. */
function valueOf(shape: Shape, depth: number): fc.Arbitrary<unknown> {
  switch (shape.type) {
    case 'string':
      return word
    case 'integer':
      return fc.integer({ min: 1, max: 90 })
    case 'number':
      return fc.integer({ min: 1, max: 9 })
    case 'boolean':
      return fc.boolean()
    case 'quantity':
      return fc.constantFrom('100m', '2', '64Mi')
    case 'intOrString':
      return fc.oneof(fc.integer({ min: 1, max: 90 }), fc.constantFrom('10%', '50%'))
    case 'any':
      return fc.dictionary(word, word, { maxKeys: 2 })
    case 'map':
      return fc.dictionary(word, valueOf(shape.item, depth + 1), { minKeys: 1, maxKeys: 2 })
    case 'list':
    case 'set':
      return depth > 12
        ? fc.constant([])
        : fc.array(valueOf(shape.item, depth + 1), { minLength: 1, maxLength: 1 })
    case 'keyed':
      return depth > 12 ? fc.constant([]) : keyedItem(shape, depth).map((item) => [item])
    case 'struct': {
      const needed = shape.required.filter((name) => !left.has(name))
      return fc.record(
        Object.fromEntries(needed.map((name) => [name, valueOf(shape.field(name)!, depth + 1)])),
      )
    }
  }
}

function keyedItem(shape: KeyedShape, depth: number): fc.Arbitrary<unknown> {
  const { item } = shape
  if (item.type !== 'struct') return fc.constant({})
  const keys = fc.record(
    Object.fromEntries(shape.keys.map((key) => [key, valueOf(item.field(key)!, depth + 1)])),
  )
  return fc.tuple(valueOf(item, depth + 1), keys).map(([value, own]) => ({ ...asMap(value), ...own }))
}
