/** A position in a text that is being parsed, and what every part of the parser does with it. */
import { hclFailure, placeOf, type HclSource, type Span } from './source.ts'

/** Deeper nesting of expressions is refused: it would overflow the stack. */
const maxDepth = 400

export interface Cursor {
  readonly source: HclSource
  /** exclusive end of what is parsed */
  readonly end: number
  position: number
  /** inside brackets, where a line may end anywhere */
  brackets: number
  depth: number
}

export function newCursor(source: HclSource, start = 0, end = source.text.length): Cursor {
  return { source, end, position: start, brackets: 0, depth: 0 }
}

export function spanFrom(cursor: Cursor, start: number): Span {
  return { source: cursor.source, start, end: cursor.position }
}

/** The text from here, if it is that. */
export function looksAt(cursor: Cursor, text: string): boolean {
  return cursor.position + text.length <= cursor.end && cursor.source.text.startsWith(text, cursor.position)
}

export function take(cursor: Cursor, text: string): boolean {
  if (!looksAt(cursor, text)) return false
  cursor.position += text.length
  return true
}

/** Goes past spaces and comments; past line ends too inside brackets, or when told to. */
export function skipBlanks(cursor: Cursor, overLines = cursor.brackets > 0): void {
  const { text } = cursor.source
  while (cursor.position < cursor.end) {
    const character = text[cursor.position]!
    if (character === ' ' || character === '\t' || character === '\r' || (overLines && character === '\n'))
      cursor.position++
    else if (character === '#' || looksAt(cursor, '//')) cursor.position = lineEnd(cursor)
    else if (looksAt(cursor, '/*')) skipComment(cursor)
    else return
  }
}

function lineEnd({ source, position, end }: Cursor): number {
  const index = source.text.indexOf('\n', position)
  return index < 0 || index > end ? end : index
}

function skipComment(cursor: Cursor): void {
  const close = cursor.source.text.indexOf('*/', cursor.position + 2)
  if (close < 0 || close + 2 > cursor.end) {
    const span = { source: cursor.source, start: cursor.position, end: cursor.position + 2 }
    throw hclFailure('a comment has no end', span, 'close it with */')
  }
  cursor.position = close + 2
}

const identifier = /[\p{L}_][\p{L}\p{Nd}_-]*/uy

/** The name here, if there is one. */
export function takeIdentifier(cursor: Cursor): { readonly name: string; readonly span: Span } | undefined {
  identifier.lastIndex = cursor.position
  const match = identifier.exec(cursor.source.text)
  if (!match) return undefined
  const start = cursor.position
  cursor.position += match[0].length
  return { name: match[0], span: spanFrom(cursor, start) }
}

/** Runs `work` where lines may end anywhere, up to and with the closing bracket. */
export function within<T>(cursor: Cursor, close: string, work: (start: number) => T): T {
  const start = cursor.position
  cursor.brackets++
  const result = nested(cursor, () => work(start))
  skipBlanks(cursor)
  if (!take(cursor, close)) {
    const { line } = placeOf({ source: cursor.source, start: start - 1, end: start })
    throw unexpected(cursor, `"${close}"`, `it closes what line ${line} opens`)
  }
  cursor.brackets--
  return result
}

export function nested<T>(cursor: Cursor, work: () => T): T {
  if (++cursor.depth > maxDepth)
    throw hclFailure('the expression is nested too deeply', spanOfNext(cursor), 'make it of several')
  const result = work()
  cursor.depth--
  return result
}

/** What stands here is not what must. */
export function unexpected(cursor: Cursor, wanted: string, hint?: string): Error {
  const span = spanOfNext(cursor)
  const { text } = cursor.source
  const found =
    cursor.position >= cursor.end
      ? 'the end'
      : text[cursor.position] === '\n'
        ? 'the end of the line'
        : `"${text.slice(span.start, span.end)}"`
  return hclFailure(`expected ${wanted}, not ${found}`, span, hint)
}

function spanOfNext(cursor: Cursor): Span {
  const { source, position, end } = cursor
  identifier.lastIndex = position
  const length = identifier.exec(source.text)?.[0].length ?? 1
  return { source, start: position, end: Math.min(position + length, Math.max(end, position)) }
}
