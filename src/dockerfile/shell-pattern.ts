/**
 * The patterns of `${x#p}`, `${x%p}` and `${x/p/y}`: "*" is any text, "?" any character, a backslash escapes these two
 * and itself. Neither wildcard matches a line feed. Characters are code points.
 */
import { LexError } from './lex-error.ts'

/** One character, or undefined for any. */
type Unit = string | undefined
/** Between two neighbours there is a "*". */
type Pattern = readonly (readonly Unit[])[]

/** The value without its shortest or longest prefix that matches. */
export function removePrefix(value: string, pattern: string, isLongest: boolean): string {
  const points = Array.from(value)
  const end = matchAt(points, 0, parsePattern(Array.from(pattern)), isLongest)
  return end === undefined ? value : points.slice(end).join('')
}

/** The value without its shortest or longest suffix that matches. */
export function removeSuffix(value: string, pattern: string, isLongest: boolean): string {
  const points = Array.from(value).reverse()
  const end = matchAt(points, 0, parsePattern(reversePattern(Array.from(pattern))), isLongest)
  return end === undefined ? value : points.slice(end).reverse().join('')
}

/** The value with the first match or all matches replaced; a match is as long as possible. */
export function replacePattern(value: string, pattern: string, replacement: string, isAll: boolean): string {
  const units = parsePattern(Array.from(pattern))
  const points = Array.from(value)
  const parts: string[] = []
  let copied = 0
  let start = 0
  while (start <= points.length) {
    const match = search(points, start, units)
    if (match === undefined) break
    const isAfterMatch = match.end === copied && match.start === match.end && match.end > 0
    if (!isAfterMatch || !isAll) {
      const matched = points.slice(match.start, match.end).join('')
      parts.push(points.slice(copied, match.start).join(''))
      parts.push(isAll ? expandTemplate(replacement, matched) : replacement)
      copied = match.end
    }
    if (!isAll) break
    start = Math.max(match.end, start + 1)
  }
  parts.push(points.slice(copied).join(''))
  return parts.join('')
}

/** When all matches are replaced, "$0" in the replacement is the match, other references are empty, "$$" is "$". */
function expandTemplate(replacement: string, matched: string): string {
  return replacement.replaceAll(
    /\$(?:\$|([\p{L}\p{Nd}_]+)|\{([\p{L}\p{Nd}_]+)\})/gu,
    (whole, plain: string | undefined, braced: string | undefined) => {
      if (whole === '$$') return '$'
      return (plain ?? braced) === '0' ? matched : ''
    },
  )
}

function parsePattern(points: readonly string[]): Pattern {
  const pattern: Unit[][] = [[]]
  for (let index = 0; index < points.length; index++) {
    const point = points[index]!
    const literals = pattern.at(-1)!
    if (point === '*') pattern.push([])
    else if (point === '?') literals.push(undefined)
    else if (point !== '\\') literals.push(point)
    else {
      const next = points[index + 1] ?? ''
      // "}" and "/" need an escape to get into the pattern at all; they are read again as themselves
      if (next === '}' || next === '/') continue
      if (next !== '*' && next !== '?' && next !== '\\') {
        throw new LexError(
          `the pattern ${JSON.stringify(points.join(''))} has the invalid escape "\\${next}"`,
        )
      }
      literals.push(next)
      index++
    }
  }
  return pattern
}

/** Reversed, with every escape still in front of what it escapes. */
function reversePattern(points: readonly string[]): string[] {
  const reversed: string[] = []
  for (let index = 0; index < points.length; index++) {
    if (points[index] === '\\' && index + 1 < points.length) reversed.push(points[++index]!, '\\')
    else reversed.push(points[index]!)
  }
  return reversed.reverse()
}

function search(points: readonly string[], from: number, pattern: Pattern) {
  for (let start = from; start <= points.length; start++) {
    const end = matchAt(points, start, pattern, true)
    if (end !== undefined) return { start, end }
    // what a "*" did not find behind one start it does not find behind a later one on the same line either
    if (pattern.length > 1 && !pattern[0]!.includes('\n') && startsAt(points, start, pattern[0]!)) {
      start = lineEnd(points, start)
    }
  }
  return undefined
}

/** End of the match that starts at `start`. */
function matchAt(
  points: readonly string[],
  start: number,
  pattern: Pattern,
  isLongest: boolean,
): number | undefined {
  const [first, ...others] = pattern
  if (!startsAt(points, start, first!)) return undefined
  let position = start + first!.length
  for (const [index, literals] of others.entries()) {
    const isLast = index === others.length - 1
    const stop = lineEnd(points, position)
    let found: number | undefined
    for (let candidate = position; candidate <= stop; candidate++) {
      if (!startsAt(points, candidate, literals)) continue
      found = candidate
      if (!isLast || !isLongest) break
    }
    if (found === undefined) return undefined
    position = found + literals.length
  }
  return position
}

function startsAt(points: readonly string[], start: number, literals: readonly Unit[]): boolean {
  if (start + literals.length > points.length) return false
  for (let index = 0; index < literals.length; index++) {
    const point = points[start + index]
    const unit = literals[index]
    if (unit === undefined ? point === '\n' : point !== unit) return false
  }
  return true
}

/** Index of the next line feed, or the length. */
function lineEnd(points: readonly string[], from: number): number {
  const index = points.indexOf('\n', from)
  return index === -1 ? points.length : index
}
