/** Values of expressions. */
import { nearest } from '../base/index.ts'
import { convert, ConversionError, unify } from './convert.ts'
import { ArgumentError, callFunction } from './function.ts'
import { applyBinary, needBoolean, needNumber } from './operators.ts'
import { withVariables, type Scope } from './scope.ts'
import { hclFailure, type Span } from './source.ts'
import { lazyFunctions } from './functions/lazy.ts'
import { applySteps } from './steps.ts'
import type { Expression, ObjectItem, TemplatePart } from './syntax.ts'
import { isMapping, isSequence, nameOf, object, tuple, typeOf, type Value } from './value.ts'

type Of<Kind extends Expression['kind']> = Extract<Expression, { kind: Kind }>

/** @throws Failure PLAN_INVALID at the part of the expression that has no value */
export function evaluate(expression: Expression, scope: Scope): Value {
  const { span } = expression
  switch (expression.kind) {
    case 'literal':
      return expression.value
    case 'variable':
      return variableValue(expression.name, scope, span)
    case 'traversal':
      return traverse(expression, scope)
    case 'template':
      return templateValue(expression, scope)
    case 'tuple':
      return tuple(expression.items.map((item) => evaluate(item, scope)))
    case 'object':
      return object(
        expression.items.map((item) => [keyText(item, scope), evaluate(item.value, scope)] as const),
      )
    case 'call':
      return callValue(expression, scope)
    case 'for':
      return forValue(expression, scope)
    case 'conditional':
      return conditionalValue(expression, scope)
    case 'unary':
      return expression.operator === '!'
        ? !needBoolean(evaluate(expression.operand, scope), expression.operand.span)
        : -needNumber(evaluate(expression.operand, scope), expression.operand.span)
    case 'binary':
      return applyBinary(expression, (operand) => evaluate(operand, scope))
  }
}

/** The text an expression makes. */
export function evaluateText(expression: Expression, scope: Scope): string {
  const value = evaluate(expression, scope)
  return typeof value === 'string' ? value : textOf(value, expression.span)
}

function variableValue(name: string, scope: Scope, span: Span): Value {
  if (scope.blockTypes?.has(name))
    throw hclFailure(`${name} is no variable`, span, `write ${name}.NAME.FIELD`)
  const value = scope.variable(name, span)
  if (value !== undefined) return value
  const suggestion = nearest(name, scope.names())
  throw hclFailure(
    `there is no variable "${name}"`,
    span,
    suggestion ? `did you mean "${suggestion}"?` : `define it: variable "${name}" {}`,
  )
}

function traverse({ from, steps, span }: Of<'traversal'>, scope: Scope): Value {
  const evaluateKey = (key: Expression): Value => evaluate(key, scope)
  if (from.kind !== 'variable' || !scope.blockTypes?.has(from.name))
    return applySteps(evaluate(from, scope), steps, evaluateKey)
  const names = steps.slice(0, 2).map((step) => {
    if (step.kind === 'attribute') return step.name
    return step.kind === 'index' ? textOf(evaluateKey(step.key), step.span) : undefined
  })
  const [name, attribute] = names
  if (name === undefined)
    throw hclFailure(`${from.name} is no variable`, span, `write ${from.name}.NAME.FIELD`)
  const value = scope.block!(from.name, { name, attribute }, steps[0]!.span)
  if (value === undefined) throw hclFailure(`there is no ${from.name} "${name}"`, steps[0]!.span)
  return applySteps(value, steps.slice(attribute === undefined ? 1 : 2), evaluateKey)
}

function keyText({ key }: ObjectItem, scope: Scope): string {
  return textOf(evaluate(key, scope), key.span)
}

function templateValue({ parts }: Of<'template'>, scope: Scope): Value {
  const [only, second] = parts
  if (only?.kind === 'interpolation' && second === undefined) return evaluate(only.expression, scope)
  return templateText(parts, scope)
}

function templateText(parts: readonly TemplatePart[], scope: Scope): string {
  return parts
    .map((part) => {
      switch (part.kind) {
        case 'literal':
          return part.text
        case 'interpolation':
          return evaluateText(part.expression, scope)
        case 'if': {
          const isTrue = needBoolean(evaluate(part.condition, scope), part.condition.span)
          return templateText(isTrue ? part.whenTrue : part.whenFalse, scope)
        }
        case 'for':
          return elementsOf(evaluate(part.collection, scope), part.collection.span)
            .map((element) => templateText(part.body, elementScope(scope, part, element)))
            .join('')
      }
    })
    .join('')
}

function textOf(value: Value, span: Span): string {
  if (value === null) throw hclFailure('the value is null, which cannot be part of a text', span)
  try {
    return convert(value, 'string') as string
  } catch (error) {
    if (!(error instanceof ConversionError)) throw error
    throw hclFailure(
      `${nameOf(value)} cannot be part of a text`,
      span,
      'join(",", …) and jsonencode(…) make texts of lists and maps',
    )
  }
}

function callValue({ name, nameSpan, args, expandsLast, span }: Of<'call'>, scope: Scope): Value {
  const lazy = lazyFunctions.get(name)
  if (lazy) return lazy(args, { scope, evaluate, span })
  const called = scope.function(name)
  if (!called) {
    const suggestion = nearest(name, scope.functionNames())
    throw hclFailure(
      `there is no function "${name}"`,
      nameSpan,
      suggestion && `did you mean "${suggestion}"?`,
    )
  }
  const values = args.map((arg) => evaluate(arg, scope))
  if (expandsLast) {
    const last = values.pop() ?? null
    if (!isSequence(last)) throw hclFailure(`"..." needs a list, not ${nameOf(last)}`, args.at(-1)!.span)
    values.push(...last.items)
  }
  try {
    return callFunction(called, values)
  } catch (error) {
    if (!(error instanceof ArgumentError)) throw error
    const at = error.index === undefined ? span : (args[error.index]?.span ?? span)
    throw hclFailure(`${name} cannot be called so: ${error.message}`, at)
  }
}

function conditionalValue({ condition, whenTrue, whenFalse, span }: Of<'conditional'>, scope: Scope): Value {
  const isTrue = needBoolean(evaluate(condition, scope), condition.span)
  const value = evaluate(isTrue ? whenTrue : whenFalse, scope)
  const other = valueOrNull(isTrue ? whenFalse : whenTrue, scope)
  const type = unify([typeOf(value), typeOf(other)])
  if (type === undefined)
    throw hclFailure(
      'the two results of the condition are of different types',
      span,
      `one is ${nameOf(value)}, the other ${nameOf(other)}`,
    )
  return convert(value, type)
}

/** The branch that is not taken tells its type, and may have no value. */
function valueOrNull(expression: Expression, scope: Scope): Value {
  try {
    return evaluate(expression, scope)
  } catch {
    return null
  }
}

interface Element {
  readonly key: Value
  readonly value: Value
}

function forValue(expression: Of<'for'>, scope: Scope): Value {
  const { collection, condition, result, resultKey, groups } = expression
  const elements = elementsOf(evaluate(collection, scope), collection.span).flatMap((element) => {
    const inner = elementScope(scope, expression, element)
    return !condition || needBoolean(evaluate(condition, inner), condition.span) ? [inner] : []
  })
  if (!resultKey) return tuple(elements.map((inner) => evaluate(result, inner)))
  const entries = new Map<string, Value[]>()
  for (const inner of elements) {
    const key = textOf(evaluate(resultKey, inner), resultKey.span)
    const values = entries.get(key)
    if (values && !groups)
      throw hclFailure(
        `two elements have the key "${key}"`,
        resultKey.span,
        'write "..." after the value to have a list of them',
      )
    entries.set(key, [...(values ?? []), evaluate(result, inner)])
  }
  return object(Array.from(entries, ([key, values]) => [key, groups ? tuple(values) : values[0]!] as const))
}

function elementScope(
  scope: Scope,
  { key, value }: { readonly key: string | undefined; readonly value: string },
  element: Element,
): Scope {
  return withVariables(
    scope,
    new Map([...(key === undefined ? [] : [[key, element.key] as const]), [value, element.value]]),
  )
}

/** Elements with their keys: the index in a list, the name in a map, the element itself in a set. */
function elementsOf(value: Value, span: Span): Element[] {
  if (isSequence(value))
    return value.items.map((item, index) => ({ key: value.kind === 'set' ? item : index, value: item }))
  if (isMapping(value)) return Array.from(value.entries, ([key, item]) => ({ key, value: item }))
  throw hclFailure(`${nameOf(value)} has no elements to go over`, span)
}
