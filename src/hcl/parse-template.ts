/** Templates: texts with `${…}` and `%{…}` in quotes, heredocs and strings of JSON. */
import { looksAt, newCursor, spanFrom, takeIdentifier, unexpected, type Cursor } from './cursor.ts'
import { hclFailure, type HclSource, type Span } from './source.ts'
import type { Expression, TemplatePart } from './syntax.ts'
import { readTemplateTokens, type TemplateToken } from './template-tokens.ts'

type ReadExpression = (cursor: Cursor) => Expression

/** The text in quotes that begins here. */
export function readQuoted(cursor: Cursor, read: ReadExpression): Expression {
  const start = cursor.position
  cursor.position++
  const tokens = readTemplateTokens(cursor, { isQuoted: true }, read)
  if (!looksAt(cursor, '"')) {
    cursor.position = start + 1
    throw hclFailure('a text in quotes has no end', spanFrom(cursor, start), 'close it with "')
  }
  cursor.position++
  return templateOf(tokens, spanFrom(cursor, start))
}

/** All of a range of a source as a template, as strings of JSON are. */
export function parseTemplate(
  source: HclSource,
  start: number,
  end: number,
  read: ReadExpression,
): Expression {
  const cursor = newCursor(source, start, end)
  return templateOf(readTemplateTokens(cursor, { isQuoted: false }, read), spanFrom(cursor, start))
}

/** `<<EOT` or `<<-EOT` and the lines up to one that is only that word. */
export function readHeredoc(cursor: Cursor, read: ReadExpression): Expression {
  const { source } = cursor
  const start = cursor.position
  cursor.position += 2
  const isIndented = looksAt(cursor, '-')
  if (isIndented) cursor.position++
  const marker = takeIdentifier(cursor)
  const lineEnd = source.text.indexOf('\n', cursor.position)
  if (!marker || source.text.slice(cursor.position, lineEnd < 0 ? undefined : lineEnd).trim() !== '')
    throw unexpected(cursor, marker ? 'the end of the line after the marker' : 'a marker after "<<"')
  const span = spanFrom(cursor, start)
  const close = lineEnd < 0 ? undefined : findMarker(source, lineEnd + 1, marker.name)
  if (!close || close.end > cursor.end)
    throw hclFailure(
      `the heredoc ${marker.name} has no end`,
      span,
      `close it with a line that is only ${marker.name}`,
    )
  const inner = newCursor(source, lineEnd + 1, close.start)
  const tokens = readTemplateTokens(inner, { isQuoted: false }, read)
  if (isIndented) removeIndent(tokens)
  cursor.position = close.end
  return templateOf(tokens, spanFrom(cursor, start))
}

/** `start` of the line that is only the marker, and the end of the marker in it. */
function findMarker(
  { text }: HclSource,
  from: number,
  name: string,
): { start: number; end: number } | undefined {
  for (let start = from; start <= text.length;) {
    const lineEnd = text.indexOf('\n', start)
    const line = text.slice(start, lineEnd < 0 ? undefined : lineEnd)
    if (line.trim() === name) return { start, end: start + line.trimEnd().length }
    if (lineEnd < 0) return undefined
    start = lineEnd + 1
  }
  return undefined
}

/** Takes the indent that all lines share away; blank lines do not count. */
function removeIndent(tokens: readonly TemplateToken[]): void {
  const first = tokens.filter((_, index) => {
    const before = tokens[index - 1]
    return before === undefined || (before.kind === 'text' && before.text.endsWith('\n'))
  })
  const lines = first.filter((token) => !(token.kind === 'text' && /^\s*\n$/.test(token.text)))
  const indent = Math.min(...lines.map((token) => (token.kind === 'text' ? indentOf(token.text) : 0)))
  for (const token of lines) if (token.kind === 'text') token.text = token.text.slice(indent)
}

function indentOf(text: string): number {
  return text.length - text.trimStart().length
}

function templateOf(tokens: readonly TemplateToken[], span: Span): Expression {
  const [only] = tokens
  if (only === undefined) return { kind: 'literal', value: '', span }
  const isText = tokens.every((token) => token.kind === 'text')
  if (isText) return { kind: 'literal', value: tokens.map(({ text }) => text).join(''), span }
  const reader = { tokens, index: 0 }
  const parts = readParts(reader, [])
  return { kind: 'template', parts, span }
}

interface TokenReader {
  readonly tokens: readonly TemplateToken[]
  index: number
}

/** Parts up to one of the directives of `ends`, which is left, or to the end. */
function readParts(reader: TokenReader, ends: readonly TemplateToken['kind'][], open?: Span): TemplatePart[] {
  const parts: TemplatePart[] = []
  for (;;) {
    const token = reader.tokens[reader.index]
    if (token === undefined) {
      if (open)
        throw hclFailure(`the template directive has no ${ends.at(-1)}`, open, `add %{ ${ends.at(-1)} }`)
      return parts
    }
    if (ends.includes(token.kind)) return parts
    reader.index++
    parts.push(readPart(reader, token))
  }
}

function readPart(reader: TokenReader, token: TemplateToken): TemplatePart {
  const { span } = token
  switch (token.kind) {
    case 'text':
      return { kind: 'literal', text: token.text, span }
    case 'interpolation':
      return token
    case 'for': {
      const body = readParts(reader, ['endfor'], span)
      reader.index++
      return { ...token, body }
    }
    case 'if': {
      const whenTrue = readParts(reader, ['else', 'endif'], span)
      const hasElse = reader.tokens[reader.index++]?.kind === 'else'
      const whenFalse = hasElse ? readParts(reader, ['endif'], span) : []
      if (hasElse) reader.index++
      return { ...token, whenTrue, whenFalse }
    }
    default:
      throw hclFailure(`%{ ${token.kind} } ends nothing`, span)
  }
}
