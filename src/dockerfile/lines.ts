/** Lines of a file, and the logical lines that continuations make of them. */
import type { Place } from '../base/index.ts'
import type { Escape } from './instruction.ts'
import { isSpace, skipSpace } from './whitespace.ts'

export interface SourceLine {
  /** without its line end */
  readonly text: string
  /** 1-based */
  readonly number: number
  /** offset of its first unit in the whole text */
  readonly start: number
}

export interface LineReader {
  /** the next line, or nothing at the end of the text */
  readonly next: () => SourceLine | undefined
  /** the text between two offsets, line ends included */
  readonly slice: (start: number, end: number) => string
}

/** Reads lines that end in a line feed; carriage returns before it belong to the line end. */
export function readLines(text: string): LineReader {
  let offset = text.startsWith('\uFEFF') ? 1 : 0
  let number = 0
  return {
    next() {
      if (offset >= text.length) return undefined
      const start = offset
      const feed = text.indexOf('\n', start)
      let end = feed === -1 ? text.length : feed
      offset = feed === -1 ? text.length : feed + 1
      while (end > start && text.charCodeAt(end - 1) === 0x0d) end--
      return { text: text.slice(start, end), number: ++number, start }
    },
    slice: (start, end) => text.slice(start, end),
  }
}

interface Segment {
  /** offset in the logical line */
  readonly start: number
  /** 0-based column in the source line where the segment begins */
  readonly column: number
  readonly line: SourceLine
}

/** A line with its continuation lines joined. */
export interface LogicalLine {
  readonly text: string
  readonly segments: readonly Segment[]
  /** number of the last line that belongs to it */
  readonly endLine: number
  /** the first empty line met between its continuations */
  readonly emptyLine: SourceLine | undefined
}

/** Where a part of a logical line is in its file; `end` is exclusive. */
export type Locate = (line: LogicalLine, start: number, end: number) => Place

export function locateIn(file: string): Locate {
  return (line, start, end) => {
    const index = segmentAt(line.segments, start)
    const segment = line.segments[index]!
    const next = line.segments[index + 1]
    const column = segment.column + start - segment.start + 1
    const stop = next === undefined ? end : Math.min(end, next.start)
    return placeOf(file, segment.line, column, column + Math.max(1, stop - start))
  }
}

export function placeOf(file: string, line: SourceLine, column: number, endColumn: number): Place {
  return { file, line: line.number, column, endColumn, lineText: line.text }
}

export function isComment(text: string): boolean {
  return text.charCodeAt(skipSpace(text, 0, text.length)) === 0x23
}

/** Joins the lines that continue `first`; comments and empty lines between them are left out. */
export function joinLines(first: SourceLine, reader: LineReader, escape: Escape): LogicalLine {
  const lead = skipSpace(first.text, 0, first.text.length)
  const segments: Segment[] = [{ start: 0, column: lead, line: first }]
  const opening = continued(first.text.slice(lead), escape)
  if (opening === undefined) {
    return { text: first.text.slice(lead), segments, endLine: first.number, emptyLine: undefined }
  }
  const parts = [opening]
  let length = opening.length
  let endLine = first.number
  let emptyLine: SourceLine | undefined
  for (let line = reader.next(); line !== undefined; line = reader.next()) {
    endLine = line.number
    if (isComment(line.text)) continue
    if (isEmpty(line.text)) {
      emptyLine ??= line
      continue
    }
    const part = continued(line.text, escape)
    segments.push({ start: length, column: 0, line })
    parts.push(part ?? line.text)
    if (part === undefined) break
    length += part.length
  }
  return { text: parts.join(''), segments, endLine, emptyLine }
}

export function isEmpty(text: string): boolean {
  return skipSpace(text, 0, text.length) === text.length
}

/** The line without its continuation mark, or nothing when it has none; a doubled mark is none. */
function continued(text: string, escape: Escape): string | undefined {
  let end = text.length
  while (end > 0 && (text.charCodeAt(end - 1) === 0x20 || text.charCodeAt(end - 1) === 0x09)) end--
  if (end === 0 || text[end - 1] !== escape || text[end - 2] === escape) return undefined
  return text.slice(0, end - 1)
}

function segmentAt(segments: readonly Segment[], offset: number): number {
  let low = 0
  let high = segments.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (segments[middle]!.start <= offset) low = middle
    else high = middle - 1
  }
  return low
}

/** Offset of the first space from `start`, or `end`. */
export function nextSpace(text: string, start: number, end: number): number {
  let index = start
  while (index < end && !isSpace(text.charCodeAt(index))) index++
  return index
}
