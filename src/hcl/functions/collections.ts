/** Lists, sets and maps. */
import { ConversionError, convert, unify } from '../convert.ts'
import { ArgumentError } from '../function.ts'
import {
  equal,
  isMapping,
  isSequence,
  list,
  nameOf,
  object,
  set,
  tuple,
  typeOf,
  type Mapping,
  type Sequence,
  type Value,
} from '../value.ts'
import { define, listOf, num, setOf, some, text, value, type FunctionTable } from './define.ts'

const items = some('list', listOf('any'))
const anyMap = some('inputMap')

export const collectionFunctions: FunctionTable = {
  length: define<[Value]>([some('collection')], (a) => {
    if (isSequence(a)) return a.items.length
    if (isMapping(a)) return a.entries.size
    throw new ArgumentError(`it needs a list or a map, not ${nameOf(a)}`, 0)
  }),
  concat: define<Value[]>([some('seqs')], (...lists) => joined(lists), some('seqs')),
  flatten: define<[Value]>([some('list')], (a) => tuple(flattened(sequence(a)))),
  distinct: define<[Sequence]>([items], (a) => list(unique(a.items))),
  compact: define<[Sequence]>([some('list', listOf('string'))], (a) =>
    list(a.items.filter((item) => item !== null && item !== '')),
  ),
  contains: define<[Value, Value]>([some('list'), some('value')], (a, b) =>
    sequence(a).items.some((item) => equalLoosely(item, b)),
  ),
  coalesce: define<Value[]>([], (...values) => coalesce(values), value('vals')),
  coalescelist: define<Value[]>(
    [],
    (...lists) => {
      const found = lists.find((item) => item !== null && isSequence(item) && item.items.length > 0)
      if (found === undefined) throw new ArgumentError('no list has elements')
      return found
    },
    value('vals'),
  ),
  chunklist: define<[Sequence, number]>([items, num('size')], (a, size) => {
    if (size === 0) return list([a])
    return list(
      Array.from({ length: Math.ceil(a.items.length / size) }, (_, index) =>
        list(a.items.slice(index * size, (index + 1) * size)),
      ),
    )
  }),
  element: define<[Value, number]>([some('list'), num('index')], (a, index) => {
    const { items: all } = sequence(a)
    if (all.length === 0) throw new ArgumentError('the list is empty', 0)
    return all[((index % all.length) + all.length) % all.length]!
  }),
  index: define<[Value, Value]>([some('collection'), some('key')], (a, key) => {
    const found = lookUp(a, key)
    if (found === undefined) throw new ArgumentError(`there is no ${nameOf(key)}`, 1)
    return found
  }),
  indexof: define<[Value, Value]>([some('list'), some('value')], (a, b) => {
    const found = sequence(a).items.findIndex((item) => equal(item, b))
    if (found < 0) throw new ArgumentError('the value is not in the list', 1)
    return found
  }),
  hasindex: define<[Value, Value]>(
    [some('collection'), some('key')],
    (a, key) => lookUp(a, key) !== undefined,
  ),
  keys: define<[Mapping]>([anyMap], (a) => list([...mapping(a).entries.keys()])),
  values: define<[Mapping]>([some('mapping')], (a) => ({
    kind: a.kind === 'map' ? 'list' : 'tuple',
    items: [...mapping(a).entries.values()],
  })),
  lookup: define<[Value, string, Value]>(
    [anyMap, text('key'), value('default')],
    (a, key, otherwise) => mapping(a).entries.get(key) ?? otherwise,
  ),
  merge: define<Value[]>(
    [],
    (...maps) => object(maps.flatMap((item) => (item === null ? [] : [...mapping(item).entries]))),
    value('maps'),
  ),
  zipmap: define<[Sequence, Value]>([some('keys', listOf('string')), some('values')], (keys, values) => {
    const all = sequence(values).items
    if (all.length !== keys.items.length)
      throw new ArgumentError(`there are ${keys.items.length} keys and ${all.length} values`, 1)
    return object(keys.items.map((key, index) => [key as string, all[index]!] as const))
  }),
  range: define<number[]>([], (...limits) => range(limits), num('params')),
  reverselist: define<[Value]>([some('list')], (a) => ({
    kind: sequence(a).kind === 'tuple' ? 'tuple' : 'list',
    items: sequence(a).items.toReversed(),
  })),
  slice: define<[Value, number, number]>(
    [some('list'), num('start_index'), num('end_index')],
    (a, start, end) => {
      const { kind, items: all } = sequence(a)
      if (start < 0 || start > end || end > all.length)
        throw new ArgumentError(`there is no part from ${start} to ${end} of ${all.length} elements`, 1)
      return { kind, items: all.slice(start, end) }
    },
  ),
  sort: define<[Sequence]>([some('list', listOf('string'))], (a) =>
    list((a.items as string[]).toSorted((x, y) => (x < y ? -1 : x > y ? 1 : 0))),
  ),
  sethaselement: define<[Sequence, Value]>([some('set', setOf('any')), some('elem')], (a, b) =>
    a.items.some((item) => equal(item, b)),
  ),
  setunion: ofSets((all) => all.flat()),
  setintersection: ofSets(([first = [], ...others]) =>
    first.filter((item) => others.every((other) => has(other, item))),
  ),
  setsubtract: define<[Sequence, Sequence]>([some('a', setOf('any')), some('b', setOf('any'))], (a, b) =>
    set(a.items.filter((item) => !has(b.items, item))),
  ),
  setsymmetricdifference: ofSets((all) => {
    const together = all.flat()
    return together.filter((item) => all.filter((one) => has(one, item)).length === 1)
  }),
  setproduct: define<Value[]>([some('sets')], (...sets) => product(sets.map(sequence)), some('sets')),
}

function ofSets(call: (all: readonly (readonly Value[])[]) => readonly Value[]) {
  const parameter = some('sets', setOf('any'))
  return define<Sequence[]>([parameter], (...sets) => set(call(sets.map((one) => one.items))), parameter)
}

function has(all: readonly Value[], wanted: Value): boolean {
  return all.some((item) => equal(item, wanted))
}

function sequence(a: Value): Sequence {
  if (isSequence(a)) return a
  throw new ArgumentError(`it needs a list, not ${nameOf(a)}`)
}

function mapping(a: Value): Mapping {
  if (isMapping(a)) return a
  throw new ArgumentError(`it needs a map, not ${nameOf(a)}`)
}

/** Lists stay a list when all are; else it is a tuple. */
function joined(lists: readonly Value[]): Sequence {
  const all = lists.map(sequence)
  const together = all.flatMap((one) => one.items)
  return all.every(({ kind }) => kind === 'list')
    ? (convert(list(together), listOf('any')) as Sequence)
    : tuple(together)
}

function flattened(a: Sequence): Value[] {
  return a.items.flatMap((item) => (isSequence(item) ? flattened(item) : [item]))
}

function unique(all: readonly Value[]): Value[] {
  return all.filter((item, index) => all.findIndex((other) => equal(item, other)) === index)
}

/** A list of numbers contains the text of one of them too, as the types can be made one. */
function equalLoosely(a: Value, b: Value): boolean {
  const type = unify([typeOf(a), typeOf(b)])
  if (type === undefined || a === null || b === null) return equal(a, b)
  return equal(convert(a, type), convert(b, type))
}

function coalesce(values: readonly Value[]): Value {
  const found = values.find((item) => item !== null)
  if (found === undefined) throw new ArgumentError('all arguments are null')
  const type = unify(values.map(typeOf))
  if (type === undefined) throw new ArgumentError('all arguments must be of one type')
  return convert(found, type)
}

function lookUp(a: Value, key: Value): Value | undefined {
  try {
    if (isMapping(a)) return a.entries.get(convert(key, 'string') as string)
    const index = convert(key, 'number') as number
    return index >= 0 ? sequence(a).items[index] : undefined
  } catch (error) {
    if (error instanceof ConversionError) return undefined
    throw error
  }
}

function range(limits: readonly number[]): Value {
  const [first = 0, second, third] = limits
  if (limits.length === 0 || limits.length > 3) throw new ArgumentError('it takes one to three numbers')
  const [start, end] = second === undefined ? [0, first] : [first, second]
  const step = third ?? (end < start ? -1 : 1)
  if (step === 0 || (end - start) * step < 0) throw new ArgumentError('the step leads away from the end', 2)
  const count = Math.ceil((end - start) / step)
  if (count > 1024) throw new ArgumentError('it would have more than 1024 numbers')
  return list(Array.from({ length: count }, (_, index) => start + index * step))
}

function product(sets: readonly Sequence[]): Value {
  const combinations = sets.reduce<readonly (readonly Value[])[]>(
    (all, { items: next }) => all.flatMap((before) => next.map((item) => [...before, item])),
    [[]],
  )
  const made = combinations.map((one) => tuple(one))
  return sets.every(({ kind }) => kind === 'set') ? set(made) : list(made)
}
