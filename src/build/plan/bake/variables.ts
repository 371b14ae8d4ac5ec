/** Variables of bake files: their types, their defaults and what the environment says of them. */
import { csvFields } from '../../../base/index.ts'
import type { Failure } from '../../../base/index.ts'
import {
  convert,
  ConversionError,
  evaluate,
  expressionInText,
  fromPlain,
  hclFailure,
  list,
  map,
  nameOfType,
  readType,
  set,
  tuple,
  typeOf,
  type Block,
  type Expression,
  type Scope,
  type Span,
  type Value,
  type ValueType,
} from '../../../hcl/index.ts'

export interface VariableBlock {
  readonly name: string
  readonly span: Span
  /** nothing: whatever the default is of */
  readonly type: ValueType | undefined
  readonly default: Expression | undefined
  readonly description: Expression | undefined
  readonly validations: readonly Block[]
}

/** @throws Failure PLAN_INVALID */
export function readVariable({ labels, typeSpan, body }: Block): VariableBlock {
  const [label] = labels
  if (!label || labels.length > 1)
    throw hclFailure('a variable has one name', typeSpan, 'write variable "NAME" { default = "…" }')
  const attribute = (name: string): Expression | undefined =>
    body.attributes.find((candidate) => candidate.name === name)?.expression
  const type = attribute('type')
  return {
    name: label.text,
    span: label.span,
    type: type && readType(expressionInText(type)),
    default: attribute('default'),
    description: attribute('description'),
    validations: body.blocks.filter((block) => block.type === 'validation'),
  }
}

/** Looks up a name in `--var` and the environment. */
export type LookUp = (name: string) => string | undefined

/** The value of a variable: its default unless the environment has it. @throws Failure PLAN_INVALID */
export function variableValue(
  variable: VariableBlock,
  scope: Scope,
  { lookUp, isDefined }: { readonly lookUp: LookUp; readonly isDefined: (name: string) => boolean },
): Value {
  const { type, span, name } = variable
  const given = findOverride(name, { lookUp, isDefined, favoursJson: type !== undefined })
  const written = variable.default && convertDefault(variable, evaluate(variable.default, scope))
  if (!given) return written === undefined ? (type === undefined ? '' : null) : written
  const wanted = type ?? (written === undefined || written === null ? 'string' : typeOf(written))
  const origin = given.isJson ? `${name}_JSON` : name
  const hint = `it is "${given.text}" in ${origin} of the environment or of --var`
  try {
    if (type !== undefined && given.isJson) return convert(fromPlain(JSON.parse(given.text)), type)
    if (typeof wanted === 'string') return readPrimitive(given.text, wanted)
    if (type === undefined) throw new ConversionError('left as it is: it has no type to read a value by')
    if (wanted.kind === 'object') throw new ConversionError(`given as JSON, in the variable ${name}_JSON`)
    return readCsv(given.text, wanted)
  } catch (error) {
    if (error instanceof SyntaxError)
      throw hclFailure(`the variable ${name} is no JSON: ${error.message}`, span, hint)
    if (error instanceof ConversionError)
      throw hclFailure(`the variable ${name} must be ${error.message}`, span, hint)
    throw error
  }
}

function convertDefault({ name, type, default: expression }: VariableBlock, value: Value): Value {
  if (type === undefined) return value
  try {
    return convert(value, type)
  } catch (error) {
    if (!(error instanceof ConversionError)) throw error
    throw hclFailure(
      `the default of ${name} is no ${nameOfType(type)}: it must be ${error.message}`,
      expression!.span,
    )
  }
}

function findOverride(
  name: string,
  {
    lookUp,
    isDefined,
    favoursJson,
  }: { lookUp: LookUp; isDefined: (name: string) => boolean; favoursJson: boolean },
): { readonly text: string; readonly isJson: boolean } | undefined {
  const text = lookUp(name)
  const jsonName = `${name}_JSON`
  const json = (text === undefined || favoursJson) && !isDefined(jsonName) ? lookUp(jsonName) : undefined
  if (json !== undefined) return { text: json, isJson: true }
  return text === undefined ? undefined : { text, isJson: false }
}

function readPrimitive(text: string, type: 'any' | 'string' | 'number' | 'bool'): Value {
  if (type === 'number') {
    if (/^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(text)) return Number(text)
    throw new ConversionError(`a number, not "${text}"`)
  }
  if (type === 'bool') {
    if (/^(?:1|t|T|TRUE|true|True)$/.test(text)) return true
    if (/^(?:0|f|F|FALSE|false|False)$/.test(text)) return false
    throw new ConversionError(`true or false, not "${text}"`)
  }
  return text
}

/** `a,b` as a list, set or tuple, `a:1,b:2` as a map. */
function readCsv(text: string, type: Exclude<ValueType, string>): Value {
  const fields =
    text === '' ? [''] : (csvFields(text) ?? fail(`a list with commas, not ${JSON.stringify(text)}`))
  const primitive = (element: ValueType, field: string): Value => {
    if (typeof element === 'string') return readPrimitive(field, element)
    return fail(`given as JSON: it is a ${nameOfType(type)}`)
  }
  switch (type.kind) {
    case 'list':
      return list(fields.map((field) => primitive(type.element, field)))
    case 'set':
      return set(fields.map((field) => primitive(type.element, field)))
    case 'tuple':
      if (type.elements.length !== fields.length)
        return fail(`${type.elements.length} values, not ${fields.length}`)
      return tuple(fields.map((field, index) => primitive(type.elements[index]!, field)))
    case 'map':
      return map(
        fields.map((field) => {
          const [key, value, ...more] = field.split(':')
          if (key === undefined || value === undefined || more.length > 0)
            return fail(`name:value, not "${field}"`)
          return [key, primitive(type.element, value)] as const
        }),
      )
    default:
      return fail('given as JSON')
  }
}

function fail(message: string): never {
  throw new ConversionError(message)
}

/** The condition of every validation holds. @returns what is wrong */
export function checkValidations({ validations, name }: VariableBlock, scope: Scope): Failure[] {
  return validations.flatMap((block) => {
    const attribute = (wanted: string): Expression => {
      const found = block.body.attributes.find((candidate) => candidate.name === wanted)
      if (found) return found.expression
      throw hclFailure(`the validation of ${name} has no "${wanted}"`, block.typeSpan)
    }
    const condition = attribute('condition')
    const message = attribute('error_message')
    if (convertCondition(evaluate(condition, scope), condition.span)) return []
    const text = evaluate(message, scope)
    return [
      hclFailure(typeof text === 'string' ? text : `the value of ${name} is not allowed`, condition.span),
    ]
  })
}

function convertCondition(value: Value, span: Span): boolean {
  try {
    if (value !== null) return convert(value, 'bool') as boolean
  } catch (error) {
    if (!(error instanceof ConversionError)) throw error
  }
  throw hclFailure('a condition must be true or false', span)
}
