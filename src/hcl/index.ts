/**
 * HCL 2 (github.com/hashicorp/hcl): both its syntaxes as one tree with places, and the evaluation of expressions.
 * Pure: text in, trees and values out. Why it is our own: docs/adr.
 */
export { convert, ConversionError } from './convert.ts'
export { evaluate } from './evaluate.ts'
export { ArgumentError, type HclFunction } from './function.ts'
export { standardFunctionNames, standardFunctions, type StandardOptions } from './functions/standard.ts'
export { parseHcl } from './parse-body.ts'
export { expressionInText, parseHclJson, type BlockShape } from './parse-json.ts'
export { withVariables, type Scope } from './scope.ts'
export { hclFailure, placeOf, type Span } from './source.ts'
export { keywordOf, type Attribute, type Block, type Body, type Expression } from './syntax.ts'
export { readType } from './type-expression.ts'
export {
  fromPlain,
  isMapping,
  isSequence,
  list,
  map,
  nameOf,
  nameOfType,
  object,
  set,
  toPlain,
  tuple,
  typeOf,
  type Value,
  type ValueType,
} from './value.ts'
