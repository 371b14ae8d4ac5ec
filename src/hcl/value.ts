/** Values of expressions and their types, as far as bake files can tell them apart. */

export type ValueType =
  /** nothing is known: the type of null */
  | 'any'
  | 'string'
  | 'number'
  | 'bool'
  | { readonly kind: 'list' | 'set' | 'map'; readonly element: ValueType }
  | { readonly kind: 'tuple'; readonly elements: readonly ValueType[] }
  | {
      readonly kind: 'object'
      readonly attributes: ReadonlyMap<string, ValueType>
      /** attributes a value may lack; they are null then */
      readonly optional: ReadonlySet<string>
    }

/** A list has elements of one type, a tuple of any; a set has each element once, in order. */
export interface Sequence {
  readonly kind: 'list' | 'tuple' | 'set'
  readonly items: readonly Value[]
}

/** A map has elements of one type, an object of any. Keys are in order. */
export interface Mapping {
  readonly kind: 'map' | 'object'
  readonly entries: ReadonlyMap<string, Value>
}

/** Numbers are 64-bit floats, where HCL has more digits than anyone writes in a bake file. */
export type Value = null | boolean | number | string | Sequence | Mapping

export function tuple(items: readonly Value[]): Sequence {
  return { kind: 'tuple', items }
}

export function list(items: readonly Value[]): Sequence {
  return { kind: 'list', items }
}

export function object(entries: Iterable<readonly [string, Value]>): Mapping {
  return { kind: 'object', entries: sorted(entries) }
}

export function map(entries: Iterable<readonly [string, Value]>): Mapping {
  return { kind: 'map', entries: sorted(entries) }
}

/** A set: each value once; texts and numbers in order, others as they come. */
export function set(items: readonly Value[]): Sequence {
  const unique = new Map(items.map((item) => [JSON.stringify(toPlain(item)), item]))
  return { kind: 'set', items: [...unique.values()].toSorted(compare) }
}

export function isSequence(value: Value): value is Sequence {
  return typeof value === 'object' && value !== null && 'items' in value
}

export function isMapping(value: Value): value is Mapping {
  return typeof value === 'object' && value !== null && 'entries' in value
}

export function typeOf(value: Value): ValueType {
  if (value === null) return 'any'
  if (typeof value === 'boolean') return 'bool'
  if (typeof value === 'number') return 'number'
  if (typeof value === 'string') return 'string'
  if (isSequence(value)) {
    if (value.kind === 'tuple') return { kind: 'tuple', elements: value.items.map(typeOf) }
    return { kind: value.kind, element: elementType(value.items) }
  }
  if (value.kind === 'map') return { kind: 'map', element: elementType([...value.entries.values()]) }
  const attributes = new Map(Array.from(value.entries, ([key, item]) => [key, typeOf(item)] as const))
  return { kind: 'object', attributes, optional: new Set() }
}

function elementType(items: readonly Value[]): ValueType {
  const known = items.find((item) => item !== null)
  return known === undefined ? 'any' : typeOf(known)
}

/** Equal in type and content. */
export function equal(a: Value, b: Value): boolean {
  if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object') return a === b
  if (a.kind !== b.kind) return false
  if (isSequence(a) && isSequence(b))
    return a.items.length === b.items.length && a.items.every((item, index) => equal(item, b.items[index]!))
  if (isMapping(a) && isMapping(b)) {
    const other = b.entries
    if (a.entries.size !== other.size) return false
    return [...a.entries].every(([key, item]) => other.has(key) && equal(item, other.get(key)!))
  }
  return false
}

/** As JSON has it. */
export function toPlain(value: Value): unknown {
  if (value === null || typeof value !== 'object') return value
  if (isSequence(value)) return value.items.map(toPlain)
  return Object.fromEntries(Array.from(value.entries, ([key, item]) => [key, toPlain(item)] as const))
}

/** JSON data as a value: lists are tuples, maps are objects. */
export function fromPlain(data: unknown): Value {
  if (data === null || data === undefined) return null
  if (typeof data === 'boolean' || typeof data === 'number' || typeof data === 'string') return data
  if (Array.isArray(data)) return tuple(data.map(fromPlain))
  return object(Object.entries(data).map(([key, item]) => [key, fromPlain(item)] as const))
}

/** What a value is, for messages: `a text`, `a list`. */
export function nameOf(value: Value): string {
  if (value === null) return 'null'
  if (typeof value === 'string') return `the text ${JSON.stringify(value)}`
  if (typeof value === 'number') return `the number ${formatNumber(value)}`
  if (typeof value === 'boolean') return String(value)
  if (value.kind === 'set') return 'a set'
  return isSequence(value) ? 'a list' : 'a map'
}

/** A type as people write it: `list(string)`. */
export function nameOfType(type: ValueType): string {
  if (typeof type === 'string') return type
  if (type.kind === 'tuple') return `tuple([${type.elements.map(nameOfType).join(', ')}])`
  if (type.kind !== 'object') return `${type.kind}(${nameOfType(type.element)})`
  const attributes = Array.from(type.attributes, ([key, item]) => {
    const name = nameOfType(item)
    return `${key} = ${type.optional.has(key) ? `optional(${name})` : name}`
  })
  return `object({${attributes.join(', ')}})`
}

/** Digits without an exponent. */
export function formatNumber(value: number): string {
  if (Object.is(value, -0)) return '0'
  const text = String(value)
  if (!text.includes('e')) return text
  if (Number.isInteger(value)) return BigInt(value).toString()
  const [digits = '', exponent = '0'] = text.split('e')
  const places = (digits.split('.')[1]?.length ?? 0) - Number(exponent)
  return value.toFixed(Math.min(100, Math.max(0, places)))
}

function compare(a: Value, b: Value): number {
  if (typeof a === 'string' && typeof b === 'string') return a < b ? -1 : a > b ? 1 : 0
  if (typeof a === 'number' && typeof b === 'number') return a - b
  return 0
}

function sorted(entries: Iterable<readonly [string, Value]>): ReadonlyMap<string, Value> {
  return new Map([...new Map(entries)].toSorted(([a], [b]) => (a < b ? -1 : 1)))
}
