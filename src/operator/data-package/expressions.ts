/**
 * `${…}` in manifests: expressions of CEL (cel-spec), which always end and can reach nothing but what they are given.
 * A text that is one expression becomes its value, whatever type that has; in a longer text it becomes text. A field
 * whose expression is null is left out.
 */
import { Environment } from '@marcbachmann/cel-js'
import { Failure, type Place } from '../../base/index.ts'

/** A value with expressions, ready to be filled in. */
export type Template = (variables: Variables) => unknown

/** Left out of what it stands in. */
export const nothing = Symbol('nothing')

/** The names that expressions know. */
export interface Variables {
  readonly installation: {
    readonly name: string
    readonly namespace: string
    readonly package: string
    readonly version: string
  }
  readonly values: unknown
}

const environment = new Environment({ homogeneousAggregateLiterals: false })
  .registerVariable('installation', 'map')
  .registerVariable('values', 'dyn')

/** Finds the expressions of a value. @throws Failure PACKAGE_INVALID, at the place of the text */
export function compileTemplate(
  value: unknown,
  placeOf: (path: readonly (string | number)[]) => Place,
  path: readonly (string | number)[] = [],
): Template {
  if (typeof value === 'string') return compileText(value, placeOf(path))
  if (Array.isArray(value)) {
    const items = value.map((item, index) => compileTemplate(item, placeOf, [...path, index]))
    return (variables) => items.map((item) => item(variables)).filter((item) => item !== nothing)
  }
  if (typeof value !== 'object' || value === null) return () => value
  const fields = Object.entries(value).map(
    ([key, item]) => [key, compileTemplate(item, placeOf, [...path, key])] as const,
  )
  return (variables) =>
    Object.fromEntries(
      fields.map(([key, item]) => [key, item(variables)] as const).filter(([, item]) => item !== nothing),
    )
}

function compileText(text: string, at: Place): Template {
  const parts = splitText(text, at)
  const [only] = parts
  if (parts.length === 1 && only && 'expression' in only) {
    const evaluate = compileExpression(only.expression, at)
    return (variables) => evaluate(variables) ?? nothing
  }
  if (!parts.some((part) => 'expression' in part)) {
    const plain = parts.map((part) => ('text' in part ? part.text : '')).join('')
    return () => plain
  }
  const makers = parts.map((part): Template => {
    if ('text' in part) return () => part.text
    const evaluate = compileExpression(part.expression, at)
    return (variables) => {
      const value = evaluate(variables)
      if (typeof value === 'object')
        throw new Failure(
          'PACKAGE_INVALID',
          `\${${part.expression}} is ${value === null ? 'null' : 'no plain value'} and cannot be part of a text`,
          { at },
        )
      return typeof value === 'string' ? value : JSON.stringify(value)
    }
  })
  return (variables) => makers.map((make) => make(variables)).join('')
}

type Part = { readonly text: string } | { readonly expression: string }

/** `$${` stands for `${` itself. Braces and quotes inside of an expression are counted. */
function splitText(text: string, at: Place): Part[] {
  const parts: Part[] = []
  let plain = ''
  for (let index = 0; index < text.length; index++) {
    if (text.startsWith('$${', index)) {
      plain += '${'
      index += 2
    } else if (text.startsWith('${', index)) {
      const end = findEnd(text, index + 2)
      if (end === undefined)
        throw new Failure('PACKAGE_INVALID', 'an expression has no end', {
          at,
          hint: 'write $${ for the text itself',
        })
      if (plain !== '') parts.push({ text: plain })
      plain = ''
      parts.push({ expression: text.slice(index + 2, end) })
      index = end
    } else plain += text[index]!
  }
  if (plain !== '' || parts.length === 0) parts.push({ text: plain })
  return parts
}

function findEnd(text: string, start: number): number | undefined {
  let depth = 0
  let quote: string | undefined
  for (let index = start; index < text.length; index++) {
    const character = text[index]!
    if (quote !== undefined) {
      if (character === '\\') index++
      else if (character === quote) quote = undefined
    } else if (character === '"' || character === "'") quote = character
    else if (character === '{') depth++
    else if (character === '}' && depth-- === 0) return index
  }
  return undefined
}

/** The value of an expression as JSON. @throws Failure PACKAGE_INVALID when it is compiled, and when it fails */
export function compileExpression(source: string, at: Place): (variables: Variables) => unknown {
  const fail = (error: unknown): Failure =>
    new Failure('PACKAGE_INVALID', `\${${source}} ${firstLine(error)}`, { at, cause: error })
  try {
    const evaluate = environment.parse(source)
    return (variables) => {
      try {
        return toJson(evaluate(toCel(variables)))
      } catch (error) {
        throw fail(error)
      }
    }
  } catch (error) {
    throw fail(error)
  }
}

function firstLine(error: unknown): string {
  const [line = ''] = (error instanceof Error ? error.message : String(error)).split('\n')
  return `cannot be evaluated: ${line.charAt(0).toLowerCase()}${line.slice(1)}`
}

/** Whole numbers of CEL are not its floating ones. */
function toCel(value: unknown): never {
  return convert(value, (number) => (Number.isSafeInteger(number) ? BigInt(number) : number)) as never
}

function convert(value: unknown, number: (value: number) => unknown): unknown {
  if (typeof value === 'number') return number(value)
  if (Array.isArray(value)) return value.map((item) => convert(item, number))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, convert(item, number)]))
}

function toJson(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value)
  if (value instanceof Map)
    return Object.fromEntries([...value].map(([key, item]) => [String(key), toJson(item)]))
  if (Array.isArray(value)) return value.map(toJson)
  if (typeof value !== 'object' || value === null) return value
  if (value.constructor !== Object && value.constructor !== undefined)
    throw new Error('gives something that is not JSON')
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, toJson(item)]))
}
