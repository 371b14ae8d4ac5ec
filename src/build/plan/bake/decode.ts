/** Values of expressions as values of the fields of a target, and back for expressions that refer to them. */
import {
  convert,
  ConversionError,
  hclFailure,
  isMapping,
  isSequence,
  list,
  map,
  nameOf,
  type Span,
  type Value,
} from '../../../hcl/index.ts'
import { checkEntry, EntryError, parseEntries, type Entry } from './entries.ts'
import { fieldOf, type FieldName } from './fields.ts'
import type { FieldValue, Pairs } from './target.ts'

const listOfTexts = { kind: 'list', element: 'string' } as const
const mapOfTexts = { kind: 'map', element: 'string' } as const

/** Nothing for null. @throws Failure PLAN_INVALID at the value */
export function decodeField(name: FieldName, value: Value, span: Span): FieldValue | undefined {
  if (value === null) return undefined
  const { kind } = fieldOf(name)
  try {
    switch (kind) {
      case 'text':
        return convert(value, 'string') as string
      case 'flag':
        return convert(value, 'bool') as boolean
      case 'texts':
        return decodeTexts(value)
      case 'pairs':
        return decodePairs(name, value)
      case 'entries':
        return decodeEntries(name, value)
    }
  } catch (error) {
    if (error instanceof ConversionError) throw hclFailure(`${name} must be ${error.message}`, span)
    if (error instanceof EntryError)
      throw hclFailure(`${name} has an entry that is wrong: ${error.message}`, span)
    throw error
  }
}

function decodeTexts(value: Value): string[] {
  const converted = convert(value, listOfTexts)
  if (!isSequence(converted) || converted.items.includes(null))
    throw new ConversionError(`a list of texts, and it has null in it`)
  return converted.items as string[]
}

function decodePairs(name: FieldName, value: Value): Pairs {
  const converted = convert(value, mapOfTexts)
  const pairs = new Map(isMapping(converted) ? (converted.entries as ReadonlyMap<string, string | null>) : [])
  const empty = name === 'contexts' ? [...pairs].find(([, text]) => text === null) : undefined
  if (empty) throw new ConversionError(`a map of texts, and "${empty[0]}" is null`)
  return pairs
}

function decodeEntries(name: FieldName, value: Value): Entry[] {
  if (!isSequence(value)) throw new ConversionError(`a list, not ${nameOf(value)}`)
  return value.items.flatMap((item) => {
    if (typeof item === 'string') return parseEntries(name, item)
    if (!isMapping(item))
      throw new ConversionError(`a list of texts and maps, and it has ${nameOf(item)} in it`)
    return [checkEntry(name, decodeEntry(item.entries))]
  })
}

function decodeEntry(entries: ReadonlyMap<string, Value>): Entry {
  return Object.fromEntries(
    [...entries].flatMap(([name, item]) => {
      if (item === null) return []
      const text = isSequence(item) ? decodeTexts(item).join(',') : (convert(item, 'string') as string)
      return [[name, text] as const]
    }),
  )
}

/** A field as an expression sees it: `target.app.args`. */
export function encodeField(name: FieldName, value: FieldValue | undefined): Value {
  if (value === undefined) return null
  if (typeof value === 'string' || typeof value === 'boolean') return value
  const { kind } = fieldOf(name)
  if (kind === 'pairs') return map(value as Pairs)
  if (kind === 'texts') return list(value as readonly string[])
  return list((value as readonly Entry[]).map((entry) => map(Object.entries(entry))))
}
