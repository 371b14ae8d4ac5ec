/** Shorthands for the tables of functions. */
import type { HclFunction, Parameter } from '../function.ts'
import type { Value, ValueType } from '../value.ts'

export const listOf = (element: ValueType): ValueType => ({ kind: 'list', element })
export const setOf = (element: ValueType): ValueType => ({ kind: 'set', element })
export const mapOf = (element: ValueType): ValueType => ({ kind: 'map', element })

export const text = (name: string): Parameter => ({ name, type: 'string' })
export const num = (name: string): Parameter => ({ name, type: 'number' })
export const bool = (name: string): Parameter => ({ name, type: 'bool' })
export const value = (name: string): Parameter => ({ name, type: 'any', mayBeNull: true })
export const some = (name: string, type: ValueType = 'any'): Parameter => ({ name, type })

/** A function of these parameters; its arguments are converted before `call` sees them. */
export function define<T extends readonly Value[] = readonly never[]>(
  params: readonly Parameter[],
  call: (...args: T) => Value,
  rest?: Parameter,
): HclFunction {
  return { params, ...(rest && { rest }), call: (args) => call(...(args as unknown as T)) }
}

export type FunctionTable = Readonly<Record<string, HclFunction>>
