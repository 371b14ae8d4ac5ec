/** A template as a flat list: texts, interpolations and directives, with the blanks next to `~` taken away. */
import { looksAt, nested, skipBlanks, spanFrom, take, unexpected, type Cursor } from './cursor.ts'
import { hclFailure, type Span } from './source.ts'
import type { Expression } from './syntax.ts'
import { needWord, readForNames, takeWord } from './words.ts'

export type TemplateToken =
  | { readonly kind: 'text'; text: string; readonly span: Span }
  | { readonly kind: 'interpolation'; readonly expression: Expression; readonly span: Span }
  | { readonly kind: 'if'; readonly condition: Expression; readonly span: Span }
  | {
      readonly kind: 'for'
      readonly key: string | undefined
      readonly value: string
      readonly collection: Expression
      readonly span: Span
    }
  | { readonly kind: 'else' | 'endif' | 'endfor'; readonly span: Span }

type ReadExpression = (cursor: Cursor) => Expression

export interface TemplateKind {
  /** ends with a quote and has escapes; else it is all the rest, and texts are split into lines */
  readonly isQuoted: boolean
}

const escapes = new Map([
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['"', '"'],
  ['\\', '\\'],
])

/** The tokens up to the closing quote, which is left, or to the end. */
export function readTemplateTokens(
  cursor: Cursor,
  kind: TemplateKind,
  read: ReadExpression,
): TemplateToken[] {
  const tokens: TemplateToken[] = []
  let trimsNext = false
  for (;;) {
    const text = readText(cursor, kind)
    if (text) {
      if (trimsNext) text.text = text.text.trimStart()
      tokens.push(text)
      trimsNext = false
    }
    if (cursor.position >= cursor.end || (kind.isQuoted && looksAt(cursor, '"'))) return tokens
    if (text && !looksAt(cursor, '${') && !looksAt(cursor, '%{')) continue
    const isDirective = looksAt(cursor, '%{')
    const start = cursor.position
    cursor.position += 2
    const last = tokens.at(-1)
    if (take(cursor, '~') && last?.kind === 'text') last.text = last.text.trimEnd()
    cursor.brackets++
    skipBlanks(cursor)
    const token = nested(cursor, () =>
      isDirective ? readDirective(cursor, read) : readInterpolation(cursor, read),
    )
    skipBlanks(cursor)
    trimsNext = take(cursor, '~')
    if (!take(cursor, '}'))
      throw unexpected(cursor, `"}" of the template ${isDirective ? 'directive' : 'interpolation'}`)
    cursor.brackets--
    tokens.push({ ...token, span: spanFrom(cursor, start) })
  }
}

function readInterpolation(cursor: Cursor, read: ReadExpression) {
  return { kind: 'interpolation' as const, expression: read(cursor) }
}

function readDirective(cursor: Cursor, read: ReadExpression) {
  for (const kind of ['else', 'endif', 'endfor'] as const) if (takeWord(cursor, kind)) return { kind }
  if (takeWord(cursor, 'if')) {
    skipBlanks(cursor)
    return { kind: 'if' as const, condition: read(cursor) }
  }
  if (!takeWord(cursor, 'for'))
    throw unexpected(cursor, 'if, else, endif, for or endfor', 'write %%{ for the characters %{')
  skipBlanks(cursor)
  const names = readForNames(cursor)
  needWord(cursor, 'in')
  return { kind: 'for' as const, ...names, collection: read(cursor) }
}

/** Text up to what is no text; without quotes, to the end of its line at most. */
function readText(
  cursor: Cursor,
  { isQuoted }: TemplateKind,
): Extract<TemplateToken, { kind: 'text' }> | undefined {
  const { text } = cursor.source
  const start = cursor.position
  let result = ''
  while (cursor.position < cursor.end) {
    const character = text[cursor.position]!
    if (looksAt(cursor, '$${') || looksAt(cursor, '%%{')) {
      result += `${character}{`
      cursor.position += 3
    } else if (looksAt(cursor, '${') || looksAt(cursor, '%{')) break
    else if (isQuoted && character === '"') break
    else if (isQuoted && character === '\\') result += readEscape(cursor)
    else if (isQuoted && character === '\n')
      throw hclFailure(
        'a text in quotes must end on its line',
        spanFrom(cursor, start - 1),
        'write \\n, or a heredoc: <<EOT',
      )
    else {
      result += character
      cursor.position++
      if (!isQuoted && character === '\n') break
    }
  }
  return cursor.position === start ? undefined : { kind: 'text', text: result, span: spanFrom(cursor, start) }
}

const unicode = /\\(?:u([\da-fA-F]{4})|U([\da-fA-F]{8}))/y

function readEscape(cursor: Cursor): string {
  const { text } = cursor.source
  const start = cursor.position
  const plain = escapes.get(text[start + 1] ?? '')
  if (plain !== undefined) {
    cursor.position += 2
    return plain
  }
  unicode.lastIndex = start
  const match = unicode.exec(text)
  const code = Number.parseInt(match?.[1] ?? match?.[2] ?? '', 16)
  cursor.position += match?.[0].length ?? 2
  if (code <= 0x10_ff_ff) return String.fromCodePoint(code)
  throw hclFailure(
    `"${text.slice(start, cursor.position)}" is no escape`,
    spanFrom(cursor, start),
    'escapes are \\n \\r \\t \\" \\\\ \\uNNNN and \\UNNNNNNNN; write \\\\ for a backslash',
  )
}
