/** Steps from a value into it: `.name`, `[key]` and splats. */
import { nearest } from '../base/index.ts'
import { convert, ConversionError } from './convert.ts'
import { hclFailure, type Span } from './source.ts'
import type { Expression, Step } from './syntax.ts'
import { isMapping, isSequence, nameOf, tuple, type Value } from './value.ts'

/** @throws Failure PLAN_INVALID at the step */
export function applySteps(
  value: Value,
  steps: readonly Step[],
  evaluateKey: (key: Expression) => Value,
): Value {
  return steps.reduce((current, step) => {
    if (step.kind === 'splat') {
      const items = isSequence(current) ? current.items : current === null ? [] : [current]
      return tuple(items.map((item) => applySteps(item, step.steps, evaluateKey)))
    }
    if (step.kind === 'attribute') return attributeOf(current, step.name, step.span)
    return elementOf(current, evaluateKey(step.key), step.span)
  }, value)
}

function attributeOf(value: Value, name: string, span: Span): Value {
  if (!isMapping(value)) {
    const hint = isSequence(value) ? `write [0].${name} for the first, [*].${name} for all` : undefined
    throw hclFailure(`${nameOf(value)} has no "${name}"`, span, hint)
  }
  const found = value.entries.get(name)
  if (found !== undefined) return found
  const suggestion = nearest(name, value.entries.keys())
  throw hclFailure(`the map has no "${name}"`, span, suggestion && `did you mean "${suggestion}"?`)
}

function elementOf(value: Value, key: Value, span: Span): Value {
  try {
    if (isMapping(value)) return attributeOf(value, convert(key, 'string') as string, span)
    if (!isSequence(value)) throw hclFailure(`${nameOf(value)} has no elements`, span)
    const index = convert(key, 'number') as number
    const found = Number.isInteger(index) && index >= 0 ? value.items[index] : undefined
    if (found !== undefined) return found
    throw hclFailure(`the list has no element ${index}: it has ${value.items.length}, counted from 0`, span)
  } catch (error) {
    if (error instanceof ConversionError) throw hclFailure(`a key must be ${error.message}`, span)
    throw error
  }
}
