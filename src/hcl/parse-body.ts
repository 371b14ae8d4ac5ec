/** Bodies of the native syntax: attributes and blocks, each on lines of its own. */
import {
  looksAt,
  nested,
  newCursor,
  skipBlanks,
  spanFrom,
  take,
  takeIdentifier,
  unexpected,
  type Cursor,
} from './cursor.ts'
import { readExpression } from './parse-expression.ts'
import { readQuoted } from './parse-template.ts'
import { hclFailure, placeOf, type HclSource } from './source.ts'
import type { Attribute, Block, Body, Label } from './syntax.ts'
import { needLineEnd } from './words.ts'

/** Parses a file of the native syntax. @throws Failure PLAN_INVALID at the place */
export function parseHcl(text: string, file: string): Body {
  const source: HclSource = { file, text: text.startsWith('\uFEFF') ? text.slice(1) : text }
  const cursor = newCursor(source)
  const body = readBody(cursor)
  if (cursor.position < cursor.end) throw unexpected(cursor, 'an attribute or a block')
  return body
}

/** Up to a closing brace, which is left, or to the end. */
function readBody(cursor: Cursor): Body {
  const start = cursor.position
  const attributes = new Map<string, Attribute>()
  const blocks: Block[] = []
  for (;;) {
    skipBlanks(cursor, true)
    if (cursor.position >= cursor.end || looksAt(cursor, '}')) break
    const item = readItem(cursor)
    if ('type' in item) blocks.push(item)
    else addAttribute(attributes, item)
    if (!looksAt(cursor, '}')) needLineEnd(cursor, 'type' in item ? 'a block' : 'an attribute')
  }
  return { attributes: [...attributes.values()], blocks, span: spanFrom(cursor, start) }
}

function addAttribute(attributes: Map<string, Attribute>, attribute: Attribute): void {
  const first = attributes.get(attribute.name)
  if (first) {
    const { line } = placeOf(first.nameSpan)
    throw hclFailure(`"${attribute.name}" is there twice: first on line ${line}`, attribute.nameSpan)
  }
  attributes.set(attribute.name, attribute)
}

function readItem(cursor: Cursor): Attribute | Block {
  const name = readItemName(cursor)
  skipBlanks(cursor)
  if (looksAt(cursor, '=') && !looksAt(cursor, '==')) {
    cursor.position++
    skipBlanks(cursor)
    const expression = readExpression(cursor)
    skipBlanks(cursor)
    return { name: name.text, nameSpan: name.span, expression }
  }
  const labels: Label[] = []
  for (;;) {
    skipBlanks(cursor)
    if (take(cursor, '{')) break
    const label = readLabel(cursor)
    if (!label)
      throw unexpected(
        cursor,
        labels.length === 0 ? `"=" or a block after "${name.text}"` : '"{" of the block',
      )
    labels.push(label)
  }
  const body = nested(cursor, () => readBody(cursor))
  if (!take(cursor, '}')) {
    const written = [name.text, ...labels.map(({ text }) => `"${text}"`)].join(' ')
    throw hclFailure(`the block ${written} has no end`, name.span, 'close it with }')
  }
  skipBlanks(cursor)
  return { type: name.text, typeSpan: name.span, labels, body }
}

/** A name; in quotes too, which people write and HCL does not allow. */
function readItemName(cursor: Cursor): Label {
  const found = takeIdentifier(cursor)
  if (found) return { text: found.name, span: found.span }
  throw unexpected(
    cursor,
    'the name of an attribute or block',
    looksAt(cursor, '"') ? 'names of attributes stand without quotes' : undefined,
  )
}

function readLabel(cursor: Cursor): Label | undefined {
  const named = takeIdentifier(cursor)
  if (named) return { text: named.name, span: named.span }
  if (!looksAt(cursor, '"')) return undefined
  const { span, ...label } = readQuoted(cursor, readExpression)
  if (label.kind === 'literal' && typeof label.value === 'string') return { text: label.value, span }
  throw hclFailure(
    'a label of a block must be a plain text',
    span,
    'a "matrix" with a "name" makes targets with computed names',
  )
}
