/** Here-documents: `<<NAME`, `<<-NAME`, `<<"NAME"` on RUN, COPY and ADD, with their bodies on the lines below. */
import type { Place } from '../base/index.ts'
import { quote, syntaxFailure } from './failures.ts'
import type { Heredoc } from './instruction.ts'
import { LexError } from './lex-error.ts'
import { lex } from './lexer.ts'
import { jsonWords } from './json-form.ts'
import { nextSpace, type LineReader } from './lines.ts'
import { splitStatement, type Source, type Statement } from './statement.ts'

interface HeredocMark {
  readonly name: string
  readonly expand: boolean
  readonly stripsTabs: boolean
}

/** A here-document with its body as it stands in the file. */
export interface RawHeredoc extends Heredoc {
  /** the body with its tabs */
  readonly raw: string
}

const unset = { get: () => undefined }
const form = /^\d*<<(-?)[\t\n\f\r ]*([^<]*)$/u

/** A word that is a here-document mark, or nothing. Throws `LexError` when its quotes are not closed. */
export function parseMark(word: string): HeredocMark | undefined {
  const match = form.exec(word)
  const rest = match?.[2]
  if (rest === undefined || rest === '') return undefined
  const plain = lex(rest, unset, { escape: '\\', keepUnset: true }).words
  if (plain.length !== 1) return undefined
  const name = plain[0]!
  const quoted = lex(rest, unset, { escape: '\\', keepUnset: true, keepQuotes: true }).words
  return { name, expand: countQuotes(name) === countQuotes(quoted[0] ?? ''), stripsTabs: match![1] === '-' }
}

/** Like `parseMark`, where a word that cannot be lexed is an ordinary word. */
export function markOf(word: string): HeredocMark | undefined {
  try {
    return word.includes('<<') ? parseMark(word) : undefined
  } catch (error) {
    if (error instanceof LexError) return undefined
    throw error
  }
}

/** Reads the bodies of all here-documents of a statement. Throws `DOCKERFILE_SYNTAX` for one without an end. */
export function readHeredocs(statement: Statement, source: Source, reader: LineReader): RawHeredoc[] {
  if (!statement.line.text.includes('<<') || !canHaveHeredocs(statement, source)) return []
  return findMarks(statement).map(({ mark, place }) => readBody(mark, place, reader))
}

function canHaveHeredocs(statement: Statement, source: Source): boolean {
  const { keyword, line, start, end } = statement
  if (keyword === 'ONBUILD' && start < end) {
    return canHaveHeredocs(onbuildStatement(splitStatement(line, source, start)), source)
  }
  return (
    (keyword === 'RUN' || keyword === 'COPY' || keyword === 'ADD') &&
    jsonWords({ ...statement, warn: () => {} }) === undefined
  )
}

/** ONBUILD does not nest: a second one is an ordinary keyword here and refused later. */
function onbuildStatement(statement: Statement): Statement {
  return statement.keyword === 'ONBUILD' ? { ...statement, end: statement.start } : statement
}

function findMarks({ line, place }: Statement): { mark: HeredocMark; place: Place }[] {
  let words: string[]
  try {
    words = lex(line.text, unset, {
      escape: '\\',
      keepQuotes: true,
      keepEscapes: true,
      keepUnset: true,
    }).words
  } catch (error) {
    // BuildKit takes a line whose quotes do not close as one without here-documents
    if (error instanceof LexError) return []
    throw error
  }
  const marks: { mark: HeredocMark; place: Place }[] = []
  let offset = 0
  for (const word of words) {
    if (!word.includes('<<')) continue
    const begin = Math.max(offset, line.text.indexOf('<<', offset))
    offset = nextSpace(line.text, begin, line.text.length)
    const at = place(begin, offset)
    const mark = parseMarkAt(word, at)
    if (mark) marks.push({ mark, place: at })
  }
  return marks
}

function parseMarkAt(word: string, at: Place): HeredocMark | undefined {
  try {
    return parseMark(word)
  } catch (error) {
    if (!(error instanceof LexError)) throw error
    throw syntaxFailure(`the here-document ${quote(word)} cannot be read: ${error.message}`, at)
  }
}

function readBody({ name, expand, stripsTabs }: HeredocMark, place: Place, reader: LineReader): RawHeredoc {
  let start: number | undefined
  for (let line = reader.next(); line !== undefined; line = reader.next()) {
    start ??= line.start
    if ((stripsTabs ? stripTabs(line.text) : line.text) !== name) continue
    const raw = reader.slice(start, line.start)
    return { name, expand, place, raw, content: stripsTabs ? stripTabs(raw) : raw }
  }
  throw syntaxFailure(
    `the here-document ${quote(name)} has no end`,
    place,
    `put a line that holds only ${quote(name)} below its text`,
  )
}

/** Without the tabs that begin its lines; only a line feed ends a line. */
function stripTabs(text: string): string {
  return text.replaceAll(/(^|\n)\t+/gu, '$1')
}

function countQuotes(text: string): number {
  return text.replaceAll(/[^'"]/gu, '').length
}
