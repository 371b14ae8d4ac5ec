/** The JSON array form of arguments: `["a", "b"]`. */
import type { Place } from '../base/index.ts'
import { syntaxFailure } from './failures.ts'
import type { Word } from './instruction.ts'
import type { Statement } from './statement.ts'
import { skipSpace } from './whitespace.ts'

/**
 * The strings of a JSON array, or nothing when the arguments are no JSON array at all: they are a shell form then.
 * Throws `DOCKERFILE_SYNTAX` for an array that holds anything but strings.
 */
export function jsonWords(statement: Statement): Word[] | undefined {
  const { line, end, place } = statement
  const start = skipSpace(line.text, statement.start, end)
  if (line.text[start] !== '[') return undefined
  const source = line.text.slice(start, end)
  const values = parseArray(source)
  if (values === undefined) {
    if (/^\[\s*['"\u2018-\u201f]/u.test(source)) warnOfShellForm(statement, place(start, end))
    return undefined
  }
  const words: Word[] = []
  let offset = 0
  for (const value of values) {
    if (typeof value !== 'string') {
      throw syntaxFailure(
        `the JSON array of ${statement.keyword} may hold strings only, not ${nameOf(value)}`,
        place(start, end),
        'put double quotes around every element',
      )
    }
    const begin = source.indexOf('"', offset)
    offset = stringEnd(source, begin)
    words.push({ text: value.toWellFormed(), place: place(start + begin, start + offset) })
  }
  return words
}

function nameOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'an array'
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : 'an object'
}

function stringEnd(source: string, begin: number): number {
  let index = begin + 1
  while (source[index] !== '"') index += source[index] === '\\' ? 2 : 1
  return index + 1
}

function parseArray(source: string): unknown[] | undefined {
  try {
    const value = JSON.parse(source) as unknown[]
    // a number out of range makes the whole text no JSON for BuildKit
    return value.includes(Infinity) || value.includes(-Infinity) ? undefined : value
  } catch {
    return undefined
  }
}

function warnOfShellForm({ keyword, warn }: Statement, at: Place): void {
  warn({
    rule: 'JsonFormNotParsed',
    message: `the arguments of ${keyword} look like a JSON array but are none, so they are taken as plain text`,
    place: at,
    hint: 'use double quotes, commas between the elements and no comma after the last one',
  })
}
