/** The targets a block stands for: one, or one for each combination of its matrix. */
import {
  convert,
  ConversionError,
  evaluate,
  hclFailure,
  isMapping,
  isSequence,
  nameOf,
  placeOf,
  withVariables,
  type Block,
  type Expression,
  type Scope,
  type Span,
  type Value,
} from '../../../hcl/index.ts'
import { attributeOf, oneLabel } from './blocks.ts'
import type { BakeGroup } from './target.ts'

/** A target of a block: one, or as many as its matrix has combinations. */
export interface Instance {
  readonly block: Block
  readonly name: string
  readonly scope: Scope
}

const targetName = /^[a-zA-Z0-9_-]+$/

export function checkName(name: string, span: Span): string {
  if (targetName.test(name)) return name
  throw hclFailure(
    `"${name}" is no name of a target (letters, digits, _ and -)`,
    span,
    'sanitize("…") makes one of any text',
  )
}

export function instancesOf(block: Block, global: Scope): Instance[] {
  const label = checkName(oneLabel(block), block.labels[0]!.span)
  const matrix = attributeOf(block.body, 'matrix')
  const name = attributeOf(block.body, 'name')
  if (!matrix) {
    if (name)
      throw hclFailure('a name needs a matrix', name.nameSpan, 'the name of a target stands before its brace')
    return [{ block, name: label, scope: global }]
  }
  const instances = combinations(matrix.expression, global).map((variables): Instance => {
    const scope = withVariables(global, variables)
    if (!name) return { block, name: label, scope }
    const value = evaluate(name.expression, scope)
    return { block, name: checkName(asText(value, name.expression.span), name.expression.span), scope }
  })
  const seen = new Set<string>()
  for (const instance of instances) {
    if (seen.has(instance.name))
      throw hclFailure(
        `the matrix makes two targets "${instance.name}"`,
        (name ?? matrix).nameSpan,
        name ? 'put every variable of the matrix into the name' : 'give it a name: name = "…${variable}"',
      )
    seen.add(instance.name)
  }
  return instances
}

function combinations(expression: Expression, scope: Scope): Map<string, Value>[] {
  const matrix = evaluate(expression, scope)
  if (!isMapping(matrix))
    throw hclFailure(`a matrix must be a map of lists, not ${nameOf(matrix)}`, expression.span)
  let all: Map<string, Value>[] = [new Map()]
  for (const [key, items] of matrix.entries) {
    if (!isSequence(items))
      throw hclFailure(`"${key}" of the matrix must be a list, not ${nameOf(items)}`, expression.span)
    all = items.items.flatMap((item) => all.map((before) => new Map([...before, [key, item]])))
  }
  return all
}

export function asText(value: Value, span: Span): string {
  try {
    if (value !== null) return convert(value, 'string') as string
  } catch (error) {
    if (!(error instanceof ConversionError)) throw error
  }
  throw hclFailure(`the name must be a text, not ${nameOf(value)}`, span)
}

/** The name before the brace of a matrix stands for all targets it makes. */
export function groupsOfMatrices(instances: readonly Instance[]): BakeGroup[] {
  const byLabel = Map.groupBy(instances, ({ block }) => block.labels[0]!.text)
  return [...byLabel].flatMap(([label, members]) => {
    const names = [...new Set(members.map(({ name }) => name))]
    if (names.length === 1 && names[0] === label) return []
    return [
      { name: label, targets: names, description: undefined, at: placeOf(members[0]!.block.labels[0]!.span) },
    ]
  })
}
