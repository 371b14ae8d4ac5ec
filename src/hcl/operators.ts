/** Operators of two operands. */
import { convert, ConversionError } from './convert.ts'
import { hclFailure, type Span } from './source.ts'
import type { Expression } from './syntax.ts'
import { equal, nameOf, type Value } from './value.ts'

type Binary = Extract<Expression, { kind: 'binary' }>

/** The right operand of `&&` and `||` is evaluated only when it counts. */
export function applyBinary(
  { operator, left, right, span }: Binary,
  evaluate: (operand: Expression) => Value,
): Value {
  const first = evaluate(left)
  if (operator === '&&') return needBoolean(first, left.span) && needBoolean(evaluate(right), right.span)
  if (operator === '||') return needBoolean(first, left.span) || needBoolean(evaluate(right), right.span)
  const second = evaluate(right)
  if (operator === '==') return equal(first, second)
  if (operator === '!=') return !equal(first, second)
  const [a, b] = [needNumber(first, left.span), needNumber(second, right.span)]
  switch (operator) {
    case '<':
      return a < b
    case '<=':
      return a <= b
    case '>':
      return a > b
    case '>=':
      return a >= b
    case '+':
      return decimal(a + b)
    case '-':
      return decimal(a - b)
    case '*':
      return decimal(a * b)
    case '/':
    case '%':
      if (b === 0) throw hclFailure('division by zero', span)
      return decimal(operator === '/' ? a / b : a % b)
  }
}

/** Without the noise of binary fractions: 0.1 + 0.2 is 0.3. */
export function decimal(value: number): number {
  return Number.isInteger(value) ? value : Number(value.toPrecision(15))
}

export function needBoolean(value: Value, span: Span): boolean {
  return need(value, 'bool', span) as boolean
}

export function needNumber(value: Value, span: Span): number {
  return need(value, 'number', span) as number
}

function need(value: Value, type: 'bool' | 'number', span: Span): Value {
  const wanted = type === 'bool' ? 'true or false' : 'a number'
  if (value === null) throw hclFailure(`expected ${wanted}, not null`, span)
  try {
    return convert(value, type)
  } catch (error) {
    if (error instanceof ConversionError) throw hclFailure(`expected ${wanted}, not ${nameOf(value)}`, span)
    throw error
  }
}
