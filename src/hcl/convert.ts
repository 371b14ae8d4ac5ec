/** Conversion of values to types, and the type that several types have in common. */
import {
  formatNumber,
  isMapping,
  isSequence,
  list,
  map,
  nameOf,
  nameOfType,
  object,
  set,
  tuple,
  typeOf,
  type Value,
  type ValueType,
} from './value.ts'

/** A value does not fit a type. The message continues "is": `a text, not a list`. */
export class ConversionError extends Error {}

/** @throws ConversionError */
export function convert(value: Value, type: ValueType): Value {
  if (type === 'any' || value === null) return value
  if (type === 'string') return toText(value)
  if (type === 'number') return toNumber(value)
  if (type === 'bool') return toBoolean(value)
  switch (type.kind) {
    case 'list':
    case 'set': {
      if (!isSequence(value)) throw mismatch(value, type)
      const items = convertAll(value.items, type.element)
      return type.kind === 'list' ? list(items) : set(items)
    }
    case 'map': {
      if (!isMapping(value)) throw mismatch(value, type)
      const keys = [...value.entries.keys()]
      const items = convertAll([...value.entries.values()], type.element)
      return map(keys.map((key, index) => [key, items[index]!] as const))
    }
    case 'tuple':
      if (!isSequence(value) || value.items.length !== type.elements.length) throw mismatch(value, type)
      return tuple(value.items.map((item, index) => convert(item, type.elements[index]!)))
    case 'object':
      return toObject(value, type)
  }
}

/** Elements of a collection have one type; where it is `any`, the one they have in common. */
function convertAll(items: readonly Value[], element: ValueType): Value[] {
  const type = element === 'any' ? unify(items.map(typeOf)) : element
  if (type === undefined) throw new ConversionError('elements of one type')
  return items.map((item) => convert(item, type))
}

function toText(value: Value): string {
  if (typeof value === 'string') return value
  if (typeof value === 'number') return formatNumber(value)
  if (typeof value === 'boolean') return String(value)
  throw mismatch(value, 'string')
}

function toNumber(value: Value): number {
  if (typeof value === 'number') return value
  if (typeof value === 'string' && /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(value))
    return Number(value)
  throw mismatch(value, 'number')
}

function toBoolean(value: Value): boolean {
  if (typeof value === 'boolean') return value
  if (value === 'true' || value === '1') return true
  if (value === 'false' || value === '0') return false
  throw mismatch(value, 'bool')
}

function toObject(value: Value, type: Extract<ValueType, { kind: 'object' }>): Value {
  if (!isMapping(value)) throw mismatch(value, type)
  return object(
    Array.from(type.attributes, ([key, attribute]) => {
      const item = value.entries.get(key)
      if (item === undefined && !type.optional.has(key))
        throw new ConversionError(`a map with "${key}", and this has none`)
      return [key, convert(item ?? null, attribute)] as const
    }),
  )
}

const names = { string: 'a text', number: 'a number', bool: 'true or false', any: 'a value' }

function mismatch(value: Value, type: ValueType): ConversionError {
  const wanted =
    typeof type === 'string'
      ? names[type]
      : type.kind === 'list' || type.kind === 'set' || type.kind === 'map'
        ? `a ${type.kind === 'set' ? 'list' : type.kind}`
        : nameOfType(type)
  return new ConversionError(`${wanted}, not ${nameOf(value)}`)
}

/** The type all of these can be converted to; nothing when there is none. */
export function unify(types: readonly ValueType[]): ValueType | undefined {
  const known = types.filter((type) => type !== 'any')
  const [first] = known
  if (first === undefined) return 'any'
  if (known.every((type) => nameOfType(type) === nameOfType(first))) return first
  if (known.every((type) => typeof type === 'string')) return known.includes('string') ? 'string' : undefined
  const structures = known.filter((type) => typeof type !== 'string')
  if (structures.length < known.length) return undefined
  if (structures.every(({ kind }) => kind === 'tuple' || kind === 'list' || kind === 'set'))
    return unifySequences(structures)
  if (structures.every(({ kind }) => kind === 'object' || kind === 'map')) return unifyMappings(structures)
  return undefined
}

type Structure = Exclude<ValueType, string>

function unifySequences(types: readonly Structure[]): ValueType | undefined {
  const tuples = types.filter((type) => type.kind === 'tuple')
  const length = tuples[0]?.elements.length
  if (tuples.length === types.length && tuples.every(({ elements }) => elements.length === length)) {
    const elements = tuples[0]!.elements.map((_, index) => unify(tuples.map((type) => type.elements[index]!)))
    return elements.includes(undefined) ? undefined : { kind: 'tuple', elements: elements as ValueType[] }
  }
  const element = unify(
    types.flatMap((type) =>
      type.kind === 'tuple' ? type.elements : 'element' in type ? [type.element] : [],
    ),
  )
  const isSet = types.some(({ kind }) => kind === 'set') && types.every(({ kind }) => kind !== 'list')
  return element === undefined ? undefined : { kind: isSet ? 'set' : 'list', element }
}

function unifyMappings(types: readonly Structure[]): ValueType | undefined {
  const objects = types.filter((type) => type.kind === 'object')
  const keys = objects[0] && [...objects[0].attributes.keys()].join('\n')
  if (
    objects.length === types.length &&
    objects.every(({ attributes }) => [...attributes.keys()].join('\n') === keys)
  ) {
    const attributes = Array.from(
      objects[0]!.attributes.keys(),
      (key) => [key, unify(objects.map((type) => type.attributes.get(key)!))] as const,
    )
    if (attributes.some(([, type]) => type === undefined)) return undefined
    return { kind: 'object', attributes: new Map(attributes as [string, ValueType][]), optional: new Set() }
  }
  const element = unify(
    types.flatMap((type) =>
      type.kind === 'object' ? [...type.attributes.values()] : 'element' in type ? [type.element] : [],
    ),
  )
  return element === undefined ? undefined : { kind: 'map', element }
}
