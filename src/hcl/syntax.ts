/** Syntax trees of HCL 2 (github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md), of its native and its JSON syntax. */
import type { Span } from './source.ts'
import type { Value } from './value.ts'

export interface Body {
  readonly attributes: readonly Attribute[]
  readonly blocks: readonly Block[]
  readonly span: Span
}

export interface Attribute {
  readonly name: string
  readonly nameSpan: Span
  readonly expression: Expression
}

export interface Block {
  readonly type: string
  readonly typeSpan: Span
  readonly labels: readonly Label[]
  readonly body: Body
}

export interface Label {
  readonly text: string
  readonly span: Span
}

/** One step from a value into it: `.name`, `[key]`, `.0` or a splat. */
export type Step =
  | { readonly kind: 'attribute'; readonly name: string; readonly span: Span }
  | { readonly kind: 'index'; readonly key: Expression; readonly span: Span }
  /** `.*` or `[*]`; `steps` are taken on every element */
  | { readonly kind: 'splat'; readonly steps: readonly Step[]; readonly span: Span }

export interface ObjectItem {
  readonly key: Expression
  readonly value: Expression
}

export type TemplatePart =
  | { readonly kind: 'literal'; readonly text: string; readonly span: Span }
  | { readonly kind: 'interpolation'; readonly expression: Expression; readonly span: Span }
  | {
      readonly kind: 'if'
      readonly condition: Expression
      readonly whenTrue: readonly TemplatePart[]
      readonly whenFalse: readonly TemplatePart[]
      readonly span: Span
    }
  | {
      readonly kind: 'for'
      readonly key: string | undefined
      readonly value: string
      readonly collection: Expression
      readonly body: readonly TemplatePart[]
      readonly span: Span
    }

export type BinaryOperator = '||' | '&&' | '==' | '!=' | '<' | '<=' | '>' | '>=' | '+' | '-' | '*' | '/' | '%'

interface Forms {
  literal: { readonly value: Value }
  variable: { readonly name: string }
  /** a step or several from a value */
  traversal: { readonly from: Expression; readonly steps: readonly Step[] }
  template: { readonly parts: readonly TemplatePart[] }
  tuple: { readonly items: readonly Expression[] }
  object: { readonly items: readonly ObjectItem[] }
  call: {
    readonly name: string
    readonly nameSpan: Span
    readonly args: readonly Expression[]
    /** the last argument stands for all its elements: `f(list...)` */
    readonly expandsLast: boolean
  }
  for: {
    readonly key: string | undefined
    readonly value: string
    readonly collection: Expression
    /** of the result when it is an object */
    readonly resultKey: Expression | undefined
    readonly result: Expression
    readonly condition: Expression | undefined
    /** `...`: values of equal keys become a list */
    readonly groups: boolean
  }
  conditional: {
    readonly condition: Expression
    readonly whenTrue: Expression
    readonly whenFalse: Expression
  }
  unary: { readonly operator: '-' | '!'; readonly operand: Expression }
  binary: { readonly operator: BinaryOperator; readonly left: Expression; readonly right: Expression }
}

export type Expression = {
  [Kind in keyof Forms]: { readonly kind: Kind; readonly span: Span } & Forms[Kind]
}[keyof Forms]

/** The name an expression is when it is nothing but a name, as in `params = [name]`; a JSON string counts too. */
export function keywordOf(expression: Expression): string | undefined {
  if (expression.kind === 'variable') return expression.name
  if (expression.kind !== 'literal' || typeof expression.value !== 'string') return undefined
  return /^[\p{L}_][\p{L}\p{Nd}_-]*$/u.test(expression.value) ? expression.value : undefined
}
