/** The JSON syntax of HCL (github.com/hashicorp/hcl/blob/main/json/spec.md): the same bodies out of JSON. */
import { parseExpression, readExpression } from './parse-expression.ts'
import { parseTemplate } from './parse-template.ts'
import { readJson, type JsonMember, type JsonNode } from './json-reader.ts'
import { hclFailure, placeOf, type HclSource } from './source.ts'
import type { Attribute, Block, Body, Expression, Label } from './syntax.ts'

/** Which members of an object are blocks, with the number of their labels; all others are attributes. */
export interface BlockShape {
  readonly [type: string]: { readonly labels: number; readonly blocks?: BlockShape }
}

/** Parses a file of the JSON syntax. @throws Failure PLAN_INVALID at the place */
export function parseHclJson(text: string, file: string, shape: BlockShape): Body {
  const source: HclSource = { file, text: text.startsWith('\uFEFF') ? text.slice(1) : text }
  return bodyOf(readJson(source), shape)
}

function bodyOf(node: JsonNode, shape: BlockShape): Body {
  const attributes = new Map<string, Attribute>()
  const blocks: Block[] = []
  for (const { name, nameSpan, value } of membersOf(node, 'a map')) {
    const block = Object.hasOwn(shape, name) ? shape[name] : undefined
    if (name === '//') continue
    if (block) {
      for (const { labels, body } of labelled(value, block.labels, []))
        blocks.push({ type: name, typeSpan: nameSpan, labels, body: bodyOf(body, block.blocks ?? {}) })
    } else if (attributes.has(name)) throw hclFailure(`"${name}" is there twice`, nameSpan)
    else attributes.set(name, { name, nameSpan, expression: expressionOf(value) })
  }
  return { attributes: [...attributes.values()], blocks, span: node.span }
}

/** The bodies of blocks below as many names as they have labels; lists of them are taken one by one. */
function labelled(
  node: JsonNode,
  depth: number,
  labels: readonly Label[],
): { labels: readonly Label[]; body: JsonNode }[] {
  if (node.kind === 'list') return node.items.flatMap((item) => labelled(item, depth, labels))
  if (depth === 0) return node.kind === 'null' ? [] : [{ labels, body: node }]
  return membersOf(node, 'a map of blocks by name').flatMap(({ name, nameSpan, value }) =>
    labelled(value, depth - 1, [...labels, { text: name, span: nameSpan }]),
  )
}

function membersOf(node: JsonNode, wanted: string): readonly JsonMember[] {
  if (node.kind === 'map') return node.members
  if (node.kind === 'list') return node.items.flatMap((item) => membersOf(item, wanted))
  throw hclFailure(`expected ${wanted}, not ${node.kind === 'null' ? 'null' : `a ${node.kind}`}`, node.span)
}

function expressionOf(node: JsonNode): Expression {
  const { span } = node
  switch (node.kind) {
    case 'null':
      return { kind: 'literal', value: null, span }
    case 'text':
      return textExpression(node)
    case 'list':
      return { kind: 'tuple', items: node.items.map(expressionOf), span }
    case 'map':
      return {
        kind: 'object',
        items: node.members.map(({ name, nameSpan, value }) => ({
          key: textExpression({ kind: 'text', value: name, span: nameSpan }),
          value: expressionOf(value),
        })),
        span,
      }
    default:
      return { kind: 'literal', value: node.value, span }
  }
}

/** A string is a template. Its places are exact when it has no escapes; else they are that of the string. */
function textExpression({ value, span }: Extract<JsonNode, { kind: 'text' }>): Expression {
  if (!/[$%]\{/.test(value)) return { kind: 'literal', value, span }
  const { source, start, end } = inside(value, span)
  return { ...parseTemplate(source, start, end, readExpression), span }
}

/** The expression that a string of JSON holds where it is no template, as in the type of a variable. */
export function expressionInText(expression: Expression): Expression {
  if (expression.kind !== 'literal' || typeof expression.value !== 'string') return expression
  const { source, start, end } = inside(expression.value, expression.span)
  return parseExpression(source, start, end)
}

function inside(value: string, span: Expression['span']): Expression['span'] {
  const isExact = span.source.text.slice(span.start + 1, span.end - 1) === value
  if (isExact) return { source: span.source, start: span.start + 1, end: span.end - 1 }
  const source = { file: span.source.file, text: value, at: placeOf(span) }
  return { source, start: 0, end: value.length }
}
