/** Functions that see their arguments unevaluated: `try`, `can` and `convert`. */
import { Failure } from '../../base/index.ts'
import { convert, ConversionError } from '../convert.ts'
import type { Scope } from '../scope.ts'
import { hclFailure, type Span } from '../source.ts'
import type { Expression } from '../syntax.ts'
import { readType } from '../type-expression.ts'
import { nameOfType, type Value } from '../value.ts'

interface LazyCall {
  readonly scope: Scope
  readonly evaluate: (expression: Expression, scope: Scope) => Value
  readonly span: Span
}

export const lazyFunctions: ReadonlyMap<string, (args: readonly Expression[], call: LazyCall) => Value> =
  new Map([
    ['try', tryEach],
    ['can', can],
    ['convert', convertTo],
  ])

/** The first argument that has a value. */
function tryEach(args: readonly Expression[], { scope, evaluate, span }: LazyCall): Value {
  if (args.length === 0) throw hclFailure('try needs an argument', span)
  const failures: Failure[] = []
  for (const arg of args) {
    try {
      return evaluate(arg, scope)
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      failures.push(error)
    }
  }
  throw hclFailure(`none of the arguments of try has a value: ${failures.at(-1)!.message}`, span)
}

function can(args: readonly Expression[], { scope, evaluate, span }: LazyCall): Value {
  const [arg] = args
  if (!arg || args.length > 1) throw hclFailure('can needs one argument', span)
  try {
    evaluate(arg, scope)
    return true
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    return false
  }
}

function convertTo(args: readonly Expression[], { scope, evaluate, span }: LazyCall): Value {
  const [arg, type] = args
  if (!arg || !type || args.length > 2) throw hclFailure('convert needs a value and a type', span)
  const wanted = readType(type)
  try {
    return convert(evaluate(arg, scope), wanted)
  } catch (error) {
    if (!(error instanceof ConversionError)) throw error
    throw hclFailure(`this is no ${nameOfType(wanted)}: it must be ${error.message}`, arg.span)
  }
}
