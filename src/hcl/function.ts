/** Functions that expressions call. */
import { convert, ConversionError } from './convert.ts'
import type { Value, ValueType } from './value.ts'

export interface HclFunction {
  readonly params: readonly Parameter[]
  /** takes any number of further arguments */
  readonly rest?: Parameter
  readonly call: (args: readonly Value[]) => Value
}

export interface Parameter {
  readonly name: string
  readonly type: ValueType
  readonly mayBeNull?: boolean
}

/** What a function has against one of its arguments, or against all of them when there is no index. */
export class ArgumentError extends Error {
  readonly index: number | undefined

  constructor(message: string, index?: number) {
    super(message)
    this.index = index
  }
}

/** @throws ArgumentError */
export function callFunction({ params, rest, call }: HclFunction, args: readonly Value[]): Value {
  if (args.length < params.length)
    throw new ArgumentError(`it needs the argument "${params[args.length]!.name}"`)
  if (args.length > params.length && !rest)
    throw new ArgumentError(
      `it takes ${params.length} ${params.length === 1 ? 'argument' : 'arguments'}, not ${args.length}`,
    )
  const values = args.map((arg, index) => {
    const { name, type, mayBeNull } = params[index] ?? rest!
    if (arg === null && !mayBeNull) throw new ArgumentError(`"${name}" must not be null`, index)
    try {
      return convert(arg, type)
    } catch (error) {
      if (error instanceof ConversionError)
        throw new ArgumentError(`"${name}" must be ${error.message}`, index)
      throw error
    }
  })
  return call(values)
}
