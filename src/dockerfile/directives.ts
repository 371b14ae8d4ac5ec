/** Parser directives (https://docs.docker.com/reference/dockerfile/#parser-directives). */
import type { Directive, Escape } from './instruction.ts'
import { syntaxFailure, quote } from './failures.ts'
import { placeOf, type SourceLine } from './lines.ts'
import { dropSpace, skipSpace } from './whitespace.ts'

export interface DirectiveReader {
  /** whether the line is a directive; the first line that is none ends them */
  accept(line: SourceLine): boolean
  readonly directives: readonly Directive[]
  readonly escape: Escape
}

const form = /^([a-zA-Z][a-zA-Z0-9]*)[\t\n\f\r ]*=[\t\n\f\r ]*(.+)$/su

export function readDirectives(file: string): DirectiveReader {
  const directives: Directive[] = []
  let escape: Escape = '\\'
  let isOver = false
  return {
    directives,
    get escape() {
      return escape
    },
    accept(line) {
      if (isOver) return false
      const directive = parseDirective(line, file)
      if (directive === undefined) {
        isOver = true
        return false
      }
      if (directives.some(({ name }) => name === directive.name)) {
        throw syntaxFailure(
          `only one ${directive.name} parser directive can be used`,
          directive.place,
          `remove line ${line.number}`,
        )
      }
      if (directive.name === 'escape') escape = parseEscape(directive)
      directives.push(directive)
      return true
    },
  }
}

function parseDirective({ text, ...line }: SourceLine, file: string): Directive | undefined {
  const mark = skipSpace(text, 0, text.length)
  if (text[mark] !== '#') return undefined
  const start = skipSpace(text, mark + 1, text.length)
  const match = form.exec(text.slice(start, dropAsciiSpace(text, start)))
  const name = match?.[1]?.toLowerCase()
  if (name !== 'syntax' && name !== 'escape' && name !== 'check') return undefined
  const end = dropSpace(text, start, text.length)
  return { name, value: match![2]!, place: placeOf(file, { text, ...line }, start + 1, end + 1) }
}

function dropAsciiSpace(text: string, start: number): number {
  let end = text.length
  while (end > start && '\t\n\f\r '.includes(text[end - 1]!)) end--
  return end
}

function parseEscape({ value, place }: Directive): Escape {
  if (value === '\\' || value === '`') return value
  throw syntaxFailure(
    `the escape directive must be a backslash or a backtick, not ${quote(value)}`,
    place,
    'write "# escape=`" or "# escape=\\"',
  )
}
