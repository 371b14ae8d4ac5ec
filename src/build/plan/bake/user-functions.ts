/** `function` blocks of bake files. */
import {
  evaluate,
  hclFailure,
  keywordOf,
  tuple,
  withVariables,
  type Block,
  type Expression,
  type HclFunction,
  type Scope,
  type Value,
} from '../../../hcl/index.ts'
import { attributeOf, oneLabel } from './blocks.ts'
import { guard } from './circle.ts'

/** @throws Failure PLAN_INVALID */
export function checkFunction(block: Block): {
  params: string[]
  rest: string | undefined
  result: Expression
} {
  const name = oneLabel(block)
  const params = attributeOf(block.body, 'params')
  const result = attributeOf(block.body, 'result')
  const rest = attributeOf(block.body, 'variadic_params')
  if (!params || params.expression.kind !== 'tuple')
    throw hclFailure(
      `the function ${name} has no list of parameters`,
      params?.nameSpan ?? block.labels[0]!.span,
      'add params = [a, b]',
    )
  if (!result) throw hclFailure(`the function ${name} has no result`, block.labels[0]!.span, 'add result = …')
  const nameOfParameter = (expression: Expression): string => {
    const keyword = keywordOf(expression)
    if (keyword === undefined) throw hclFailure('a parameter must be a name', expression.span)
    return keyword
  }
  return {
    params: params.expression.items.map(nameOfParameter),
    rest: rest && nameOfParameter(rest.expression),
    result: result.expression,
  }
}

/** A `function` block: its result with the parameters as variables, above those of the file. */
export function userFunction(
  block: Block | undefined,
  global: Scope,
  inProgress: Set<string>,
): HclFunction | undefined {
  if (!block) return undefined
  const { params, rest, result } = checkFunction(block)
  const parameter = (name: string) => ({ name, type: 'any', mayBeNull: true }) as const
  return {
    params: params.map(parameter),
    ...(rest !== undefined && { rest: parameter(rest) }),
    call: (args) => {
      const given = new Map<string, Value>(params.map((name, index) => [name, args[index]!]))
      if (rest !== undefined) given.set(rest, tuple(args.slice(params.length)))
      let value: Value = null
      guard(inProgress, `the function ${oneLabel(block)}`, block.labels[0]!.span, () => {
        value = evaluate(result, withVariables(global, given))
      })
      return value
    },
  }
}
