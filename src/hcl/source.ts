/** Text of a file with the places of its parts. */
import { Failure, type Place } from '../base/index.ts'

export interface HclSource {
  /** path as the user wrote it */
  readonly file: string
  readonly text: string
  /** where offsets of `text` are not offsets of the file: the one place all of it has */
  readonly at?: Place
}

/** A part of a source: offsets of UTF-16 code units, `end` exclusive. */
export interface Span {
  readonly source: HclSource
  readonly start: number
  readonly end: number
}

/** A longer line would bury the message; its place is told without it. */
const maxLineText = 300

/** The place of a span; one that goes over several lines ends with its first. */
export function placeOf({ source, start, end }: Span): Place {
  if (source.at) return source.at
  const { file, text } = source
  const lineStart = start === 0 ? 0 : text.lastIndexOf('\n', start - 1) + 1
  const lineEnd = text.indexOf('\n', lineStart)
  const lineText = text.slice(lineStart, lineEnd < 0 ? undefined : lineEnd).replace(/\r$/, '')
  const line = countLines(text, lineStart)
  const column = start - lineStart + 1
  const endColumn = Math.max(column + 1, Math.min(end - lineStart + 1, lineText.length + 1))
  const place = { file, line, column, endColumn }
  return lineText.length > maxLineText ? place : { ...place, lineText }
}

function countLines(text: string, end: number): number {
  let line = 1
  for (let index = text.indexOf('\n'); index >= 0 && index < end; index = text.indexOf('\n', index + 1))
    line++
  return line
}

/** From the start of one span to the end of another of the same source. */
export function spanning(first: Span, last: Span): Span {
  return { source: first.source, start: first.start, end: last.end }
}

export function hclFailure(message: string, span: Span, hint?: string): Failure {
  return new Failure('PLAN_INVALID', message, { at: placeOf(span), hint })
}
