/**
 * Bake files (buildx, docs/bake-reference.md there) as targets and groups: variables, functions, matrices and
 * references between blocks, each evaluated when something asks for it.
 */
import { Failure, nearest } from '../../../base/index.ts'
import {
  evaluate,
  hclFailure,
  object,
  placeOf,
  tuple,
  type Attribute,
  type Block,
  type Body,
  type HclFunction,
  type Scope,
  type Span,
  type Value,
} from '../../../hcl/index.ts'
import { withOthers } from '../../../yaml/index.ts'
import type { PlanWarning } from '../model.ts'
import { attributeOf, oneLabel } from './blocks.ts'
import { guard, once } from './circle.ts'
import { decodeField, encodeField } from './decode.ts'
import { fieldNames, isFieldName, type FieldName } from './fields.ts'
import { asText, checkName, groupsOfMatrices, instancesOf, type Instance } from './instances.ts'
import type { BakeConfig, BakeGroup, BakeTarget, FieldValue } from './target.ts'
import { checkFunction, userFunction } from './user-functions.ts'
import {
  checkValidations,
  readVariable,
  variableValue,
  type LookUp,
  type VariableBlock,
} from './variables.ts'

export interface EvaluatorOptions {
  readonly lookUp: LookUp
  /** BAKE_CMD_CONTEXT and BAKE_LOCAL_PLATFORM */
  readonly builtIns: ReadonlyMap<string, string>
  readonly functions: ReadonlyMap<string, HclFunction>
  readonly warn: (warning: PlanWarning) => void
}

export interface BakeVariable {
  readonly name: string
  readonly value: Value
  readonly block: VariableBlock
  readonly description: string | undefined
}

export interface EvaluatedBake extends BakeConfig {
  readonly variables: readonly BakeVariable[]
}

const blockTypes = new Set(['target', 'group', 'variable', 'function'])

/** All files in order, as one. @throws Failure PLAN_INVALID */
export function evaluateBake(bodies: readonly Body[], options: EvaluatorOptions): EvaluatedBake {
  const blocks = bodies.flatMap((body) => body.blocks)
  for (const { type, typeSpan } of blocks)
    if (!blockTypes.has(type)) options.warn(unknownBlock(type, typeSpan))
  const attributes = new Map(
    bodies.flatMap((body) => body.attributes).map((attribute) => [attribute.name, attribute]),
  )
  const variables = new Map(
    blocks
      .filter(({ type }) => type === 'variable')
      .map((block) => [block.labels[0]?.text ?? '', readVariable(block)]),
  )
  const values = lazyValues(attributes, variables, options)
  const userFunctions = new Map(
    blocks.filter(({ type }) => type === 'function').map((block) => [oneLabel(block), block]),
  )
  const instances = once(() =>
    blocks.filter(({ type }) => type === 'target').flatMap((block) => instancesOf(block, global)),
  )
  const groups = once(() =>
    blocks.filter(({ type }) => type === 'group').map((block) => readGroup(block, global)),
  )
  const fields = new Map<Instance, Map<FieldName, FieldValue | undefined>>()
  const inProgress = new Set<string>()

  const fieldValue = (instance: Instance, attribute: Attribute): FieldValue | undefined => {
    const { name } = attribute
    if (!isFieldName(name)) return undefined
    const known = fields.get(instance) ?? new Map<FieldName, FieldValue | undefined>()
    fields.set(instance, known)
    if (known.has(name)) return known.get(name)
    const key = `target.${instance.name}.${name}`
    guard(inProgress, key, attribute.nameSpan, () => {
      const value = evaluate(attribute.expression, instance.scope)
      known.set(name, decodeField(name, value, attribute.expression.span))
    })
    return known.get(name)
  }

  const blockValue: NonNullable<Scope['block']> = (type, { name, attribute }) => {
    if (type === 'group') {
      const group = groups().findLast((candidate) => candidate.name === name)
      if (!group) return undefined
      const whole = object([
        ['name', group.name],
        ['targets', tuple(group.targets)],
        ['description', group.description ?? null],
      ])
      return attribute === undefined ? whole : (whole.entries.get(attribute) ?? null)
    }
    const instance = instances().findLast((candidate) => candidate.name === name)
    if (!instance) return undefined
    const encoded = (field: FieldName): Value => {
      const found = instance.block.body.attributes.find((candidate) => candidate.name === field)
      return encodeField(field, found && fieldValue(instance, found))
    }
    if (attribute === 'name') return name
    if (attribute !== undefined) return isFieldName(attribute) ? encoded(attribute) : undefined
    return object([['name', name], ...fieldNames.map((field) => [field, encoded(field)] as const)])
  }

  const global: Scope = {
    variable: (name, span) =>
      variables.has(name) || attributes.has(name) || options.builtIns.has(name)
        ? values(name, span, global)
        : undefined,
    names: () => [...variables.keys(), ...attributes.keys(), ...options.builtIns.keys()],
    function: (name) =>
      options.functions.get(name) ?? userFunction(userFunctions.get(name), global, inProgress),
    functionNames: () => [...options.functions.keys(), ...userFunctions.keys()],
    block: blockValue,
    blockTypes: new Set(['target', 'group']),
  }

  const evaluated = Array.from(variables.values(), (block): BakeVariable => {
    const description = block.description && evaluate(block.description, global)
    return {
      name: block.name,
      block,
      value: values(block.name, block.span, global),
      description: typeof description === 'string' ? description : undefined,
    }
  })
  for (const [name, { nameSpan }] of attributes) values(name, nameSpan, global)
  for (const block of userFunctions.values()) checkFunction(block)
  const problems = evaluated.flatMap(({ block }) => checkValidations(block, global))
  const targets = instances().map((instance) => readTarget(instance, fieldValue, problems))
  const matrixGroups = groupsOfMatrices(instances())
  const written = groups()
  if (problems.length > 0) throw withOthers(problems)
  return { variables: evaluated, targets, groups: [...written, ...matrixGroups] }
}

function unknownBlock(type: string, span: Span): PlanWarning {
  const suggestion = nearest(type, blockTypes)
  return {
    message: `the block "${type}" is not read: bake files have target, group, variable and function`,
    at: placeOf(span),
    ...(suggestion && { hint: `did you mean ${suggestion}?` }),
  }
}

/** Variables and attributes of files, each evaluated once; a circle is an error. */
function lazyValues(
  attributes: ReadonlyMap<string, Attribute>,
  variables: ReadonlyMap<string, VariableBlock>,
  { builtIns, lookUp }: EvaluatorOptions,
): (name: string, span: Span, scope: Scope) => Value {
  const known = new Map<string, Value>()
  const inProgress = new Set<string>()
  const isDefined = (name: string): boolean => variables.has(name) || builtIns.has(name)
  return (name, span, scope) => {
    if (known.has(name)) return known.get(name)!
    guard(inProgress, `the variable ${name}`, span, () => {
      const attribute = attributes.get(name)
      const variable = variables.get(name)
      const builtIn = builtIns.get(name)
      if (builtIn !== undefined) known.set(name, builtIn)
      else if (attribute) {
        const block: VariableBlock = {
          name,
          span: attribute.nameSpan,
          type: undefined,
          default: attribute.expression,
          description: undefined,
          validations: [],
        }
        known.set(
          name,
          variable
            ? variableValue(block, scope, { lookUp, isDefined })
            : evaluate(attribute.expression, scope),
        )
      } else known.set(name, variableValue(variable!, scope, { lookUp, isDefined }))
    })
    return known.get(name)!
  }
}

function readTarget(
  instance: Instance,
  fieldValue: (instance: Instance, attribute: Attribute) => FieldValue | undefined,
  problems: Failure[],
): BakeTarget {
  const { block, name } = instance
  const fields = new Map<FieldName, FieldValue>()
  const places = new Map<FieldName, BakeTarget['at']>()
  for (const attribute of block.body.attributes) {
    if (attribute.name === 'name' || attribute.name === 'matrix') continue
    if (!isFieldName(attribute.name)) {
      problems.push(unknownField(attribute, 'target', fieldNames))
      continue
    }
    const value = collect(problems, () => fieldValue(instance, attribute))
    if (value === undefined) continue
    fields.set(attribute.name, value)
    places.set(attribute.name, placeOf(attribute.nameSpan))
  }
  for (const inner of block.body.blocks)
    problems.push(
      hclFailure(
        `a target has no block "${inner.type}"`,
        inner.typeSpan,
        isFieldName(inner.type) ? `write ${inner.type} = { … }` : undefined,
      ),
    )
  return { name, at: placeOf(block.labels[0]!.span), fields, places }
}

function collect<T>(problems: Failure[], work: () => T): T | undefined {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    // Every target of a matrix has the same problem.
    const isKnown = problems.some(
      ({ message, at }) =>
        message === error.message && at?.line === error.at?.line && at?.column === error.at?.column,
    )
    if (!isKnown) problems.push(error)
    return undefined
  }
}

function unknownField({ name, nameSpan }: Attribute, what: string, known: readonly string[]): Failure {
  const suggestion = nearest(name, known)
  return hclFailure(
    `a ${what} has no "${name}"`,
    nameSpan,
    suggestion ? `did you mean "${suggestion}"?` : `it has ${known.join(', ')}`,
  )
}

function readGroup(block: Block, scope: Scope): BakeGroup {
  const name = checkName(oneLabel(block), block.labels[0]!.span)
  const known = ['targets', 'description']
  const stranger = block.body.attributes.find((attribute) => !known.includes(attribute.name))
  if (stranger) throw unknownField(stranger, 'group', known)
  const targets = attributeOf(block.body, 'targets')
  if (!targets)
    throw hclFailure(`the group "${name}" has no targets`, block.labels[0]!.span, 'add targets = ["…"]')
  const description = attributeOf(block.body, 'description')
  const value = decodeField('tags', evaluate(targets.expression, scope), targets.expression.span)
  return {
    name,
    targets: (value as readonly string[] | undefined) ?? [],
    description: description && asText(evaluate(description.expression, scope), description.expression.span),
    at: placeOf(block.labels[0]!.span),
  }
}
