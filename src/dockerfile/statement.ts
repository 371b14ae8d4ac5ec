/** One instruction cut into keyword, flags and arguments, before its meaning is known. */
import type { Place } from '../base/index.ts'
import { type RawFlag, splitFlags } from './flags.ts'
import type { Escape, Heredoc, Warning } from './instruction.ts'
import type { Locate, LogicalLine } from './lines.ts'
import { dropSpace, isBlank, skipSpace } from './whitespace.ts'

export interface Statement {
  /** in upper case */
  readonly keyword: string
  /** as written */
  readonly keywordText: string
  /** of the keyword */
  readonly keywordPlace: Place
  readonly line: LogicalLine
  readonly escape: Escape
  readonly flags: readonly RawFlag[]
  /** the arguments: offsets in `line.text`, without space around them */
  readonly start: number
  readonly end: number
  /** of a part of `line.text` */
  readonly place: (start: number, end: number) => Place
  readonly heredocs: readonly Heredoc[]
  readonly warn: (warning: Warning) => void
}

/** What the statements of one file share. */
export interface Source {
  readonly escape: Escape
  readonly locate: Locate
  readonly warn: (warning: Warning) => void
}

/** Cuts the part of a line from `from` on; here-documents are added later. */
export function splitStatement(line: LogicalLine, source: Source, from = 0): Statement {
  const { text } = line
  const begin = skipSpace(text, from, text.length)
  const stop = dropSpace(text, begin, text.length)
  let index = begin
  while (index < stop && !isBlank(text.charCodeAt(index))) index++
  const keywordText = text.slice(begin, index)
  const place = (start: number, end: number) => source.locate(line, start, end)
  const { flags, rest } = splitFlags(text, index, stop, source.escape)
  const start = skipSpace(text, rest, stop)
  return {
    keyword: keywordText.toLowerCase().toUpperCase(),
    keywordText,
    keywordPlace: place(begin, index),
    line,
    escape: source.escape,
    flags,
    start,
    end: stop,
    place,
    heredocs: [],
    warn: source.warn,
  }
}
