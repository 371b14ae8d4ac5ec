/** Expressions of the native syntax: operators by precedence, then terms with their steps. */
import { looksAt, nested, newCursor, skipBlanks, spanFrom, take, unexpected, type Cursor } from './cursor.ts'
import { parseTerm } from './parse-term.ts'
import { spanning, type HclSource } from './source.ts'
import type { BinaryOperator, Expression } from './syntax.ts'

/** Loosest first; within a row the longer operator first. */
const precedence: readonly (readonly BinaryOperator[])[] = [
  ['||'],
  ['&&'],
  ['==', '!='],
  ['<=', '>=', '<', '>'],
  ['+', '-'],
  ['*', '/', '%'],
]

/** One expression and nothing else, as in `${…}` or a type in JSON. @throws Failure PLAN_INVALID */
export function parseExpression(source: HclSource, start = 0, end = source.text.length): Expression {
  const cursor = newCursor(source, start, end)
  cursor.brackets++
  skipBlanks(cursor)
  const expression = readExpression(cursor)
  skipBlanks(cursor)
  if (cursor.position < cursor.end) throw unexpected(cursor, 'the end of the expression')
  return expression
}

/** The expression here. Leaves the cursor right after it. */
export function readExpression(cursor: Cursor): Expression {
  return nested(cursor, () => {
    const condition = readBinary(cursor, 0)
    const end = cursor.position
    skipBlanks(cursor)
    if (!take(cursor, '?')) {
      cursor.position = end
      return condition
    }
    skipBlanks(cursor)
    const whenTrue = readExpression(cursor)
    skipBlanks(cursor)
    if (!take(cursor, ':')) throw unexpected(cursor, '":" of the conditional expression')
    skipBlanks(cursor)
    const whenFalse = readExpression(cursor)
    return {
      kind: 'conditional',
      condition,
      whenTrue,
      whenFalse,
      span: spanning(condition.span, whenFalse.span),
    }
  })
}

function readBinary(cursor: Cursor, level: number): Expression {
  const operators = precedence[level]
  if (!operators) return readUnary(cursor)
  let left = readBinary(cursor, level + 1)
  for (;;) {
    const end = cursor.position
    skipBlanks(cursor)
    const operator = operators.find((candidate) => take(cursor, candidate))
    if (operator === undefined) {
      cursor.position = end
      return left
    }
    skipBlanks(cursor)
    const right = readBinary(cursor, level + 1)
    left = { kind: 'binary', operator, left, right, span: spanning(left.span, right.span) }
  }
}

function readUnary(cursor: Cursor): Expression {
  const start = cursor.position
  const operator = looksAt(cursor, '!=')
    ? undefined
    : (['-', '!'] as const).find((text) => take(cursor, text))
  if (operator === undefined) return parseTerm(cursor, readExpression)
  skipBlanks(cursor)
  const operand = nested(cursor, () => readUnary(cursor))
  return { kind: 'unary', operator, operand, span: spanFrom(cursor, start) }
}
