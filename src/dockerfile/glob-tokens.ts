/** Reading file patterns: Go's path/filepath.Match, and with "**" the patterns of .dockerignore files. */
import type { CharacterClass, Token } from './glob.ts'

/** A pattern that is not well formed: half a sentence. */
export class GlobError extends Error {}

/** Tokens of a pattern as Go's filepath.Match reads it on Linux. Throws `GlobError`. */
export function parseMatchPattern(pattern: string): Token[] {
  return parse(pattern, false)
}

/**
 * Tokens of a cleaned .dockerignore pattern: as above, and "**" is any number of folders, at the end of the pattern
 * anything. A pattern "**text" without further wildcards matches every path that ends in the text. Throws `GlobError`.
 */
export function parseIgnorePattern(pattern: string): Token[] {
  // the syntax is that of filepath.Match, where "**" is as good as "*"
  const isSuffix = pattern.startsWith('**') && pattern[2] !== '/' && !/[*?[\]\\]/u.test(pattern.slice(2))
  if (isSuffix) return [{ kind: 'anything' }, ...literal(pattern.slice(2))]
  return parse(pattern, true)
}

function literal(text: string): Token[] {
  return text === '' ? [] : [{ kind: 'text', text }]
}

function parse(pattern: string, hasFolders: boolean): Token[] {
  const tokens: Token[] = []
  let text = ''
  const push = (token: Token) => {
    tokens.push(...literal(text))
    text = ''
    const isRepeated = token.kind === 'star' || token.kind === 'folders'
    if (!isRepeated || tokens.at(-1)?.kind !== token.kind) tokens.push(token)
  }
  let index = 0
  while (index < pattern.length) {
    const unit = pattern[index++]!
    if (unit === '*') {
      if (!hasFolders || pattern[index] !== '*') {
        push({ kind: 'star', settles: !hasFolders })
        continue
      }
      index++
      if (pattern[index] === '/') index++
      push({ kind: index < pattern.length ? 'folders' : 'anything' })
    } else if (unit === '?') push({ kind: 'character' })
    else if (unit === '[') {
      const read = readClass(pattern, index)
      push({ kind: 'class', class: read.class })
      index = read.end
    } else if (unit === '\\') {
      if (index === pattern.length) throw new GlobError('a backslash at its end escapes nothing')
      text += pattern[index++]!
    } else text += unit
  }
  tokens.push(...literal(text))
  return tokens
}

function readClass(pattern: string, start: number): { class: CharacterClass; end: number } {
  const ranges: [number, number][] = []
  const isNegated = pattern[start] === '^'
  let index = isNegated ? start + 1 : start
  while (pattern[index] !== ']' || ranges.length === 0) {
    const first = readMember(pattern, index)
    index = first.end
    let last = first
    if (pattern[index] === '-') {
      last = readMember(pattern, index + 1)
      index = last.end
    }
    ranges.push([first.code, last.code])
  }
  return { class: { isNegated, ranges }, end: index + 1 }
}

function readMember(pattern: string, start: number): { code: number; end: number } {
  const index = pattern[start] === '\\' ? start + 1 : start
  const unit = pattern[start]
  const code = pattern.codePointAt(index)
  if (code === undefined) throw new GlobError('a "[" is not closed')
  if (unit === '-' || unit === ']') throw new GlobError(`"${unit}" inside "[...]" needs a backslash`)
  const end = index + (code > 0xffff ? 2 : 1)
  if (end >= pattern.length) throw new GlobError('a "[" is not closed')
  return { code, end }
}
