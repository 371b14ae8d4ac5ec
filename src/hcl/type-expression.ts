/** Types as they are written: `string`, `list(number)`, `object({name = string, tag = optional(string)})`. */
import { hclFailure } from './source.ts'
import { keywordOf, type Expression } from './syntax.ts'
import type { ValueType } from './value.ts'

/** @throws Failure PLAN_INVALID at the part that is no type */
export function readType(expression: Expression): ValueType {
  const { span } = expression
  const keyword = keywordOf(expression)
  if (keyword === 'string' || keyword === 'number' || keyword === 'bool' || keyword === 'any') return keyword
  if (expression.kind !== 'call')
    throw hclFailure(
      'this is no type',
      span,
      'types are string, number, bool, any, list(T), set(T), map(T), tuple([…]) and object({…})',
    )
  const { name, args, nameSpan } = expression
  const [argument] = args
  if (!argument || args.length > 1) throw hclFailure(`the type ${name} needs one argument`, span)
  switch (name) {
    case 'list':
    case 'set':
    case 'map':
      return { kind: name, element: readType(argument) }
    case 'tuple':
      if (argument.kind !== 'tuple')
        throw hclFailure('tuple needs a list of types', argument.span, 'tuple([string, number])')
      return { kind: 'tuple', elements: argument.items.map(readType) }
    case 'object':
      return readObjectType(argument)
    default:
      throw hclFailure(`"${name}" is no type`, nameSpan)
  }
}

function readObjectType(argument: Expression): ValueType {
  if (argument.kind !== 'object')
    throw hclFailure('object needs a map of types', argument.span, 'object({name = string})')
  const attributes = new Map<string, ValueType>()
  const optional = new Set<string>()
  for (const { key, value } of argument.items) {
    const name = keywordOf(key)
    if (name === undefined) throw hclFailure('the name of an attribute must be a plain name', key.span)
    const isOptional = value.kind === 'call' && value.name === 'optional'
    if (isOptional && value.args.length !== 1)
      throw hclFailure(
        'optional needs one type',
        value.span,
        'defaults of attributes are not known to bake files',
      )
    attributes.set(name, readType(isOptional ? value.args[0]! : value))
    if (isOptional) optional.add(name)
  }
  return { kind: 'object', attributes, optional }
}
