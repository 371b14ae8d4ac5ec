/** .dockerignore files (https://docs.docker.com/build/concepts/context/#dockerignore-files) and COPY --exclude. */
import { posix } from 'node:path'
import { Failure, type Place } from '../base/index.ts'
import { canMatchBelow, matchTokens, type Token } from './glob.ts'
import { parseIgnorePattern, parseMatchPattern } from './glob-tokens.ts'
import type { Word } from './instruction.ts'
import { placeOf, readLines } from './lines.ts'
import { withPlace } from './match.ts'
import { trimSpace } from './whitespace.ts'

export interface IgnoreRules {
  /** no pattern at all: nothing is excluded */
  readonly isEmpty: boolean
  /** a pattern begins with "!" */
  readonly hasExceptions: boolean
  /** a pattern is everything (one or two stars): nothing at the root of the context is left */
  readonly excludesAll: boolean
  /**
   * Whether a path is left out: the last pattern that matches it or a folder above it decides.
   * The path is relative to the context, clean, with "/"; the context itself is never left out.
   */
  readonly excludes: (path: string) => boolean
  /** Whether a folder is left out and no "!" pattern can bring back anything below it. */
  readonly canSkipDirectory: (path: string) => boolean
}

interface Pattern {
  readonly text: string
  readonly tokens: readonly Token[]
  /** it begins with "!" */
  readonly isKept: boolean
}

/**
 * Reads a .dockerignore file: one pattern per line, "#" in the first column is a comment.
 * Throws `DOCKERFILE_INVALID` for a malformed pattern.
 */
export function parseIgnore(text: string, file: string): IgnoreRules {
  const patterns: Pattern[] = []
  const reader = readLines(text)
  for (let line = reader.next(); line !== undefined; line = reader.next()) {
    if (line.text.startsWith('#')) continue
    const written = trimSpace(line.text)
    if (written === '') continue
    const start = line.text.indexOf(written) + 1
    const pattern = compile(relative(written), placeOf(file, line, start, start + written.length))
    if (pattern) patterns.push(pattern)
  }
  return rulesOf(patterns)
}

/** Rules of the patterns of COPY --exclude, in their order. Throws `DOCKERFILE_INVALID` for a malformed pattern. */
export function ignoreRules(patterns: readonly Word[]): IgnoreRules {
  return rulesOf(
    patterns.map(({ text, place }) => compile(text, place)).filter((pattern) => pattern !== undefined),
  )
}

function rulesOf(patterns: readonly Pattern[]): IgnoreRules {
  /** for a folder: which patterns match it or a folder above it */
  const folders = new Map<string, Uint8Array>([['', new Uint8Array(patterns.length)]])

  function matchesOf(folder: string): Uint8Array {
    const open: string[] = []
    let known: Uint8Array | undefined
    for (let path = folder; (known = folders.get(path)) === undefined; path = parentOf(path)) open.push(path)
    for (const path of open.toReversed()) {
      const above: Uint8Array = known
      known = Uint8Array.from(patterns, ({ tokens }, index) =>
        above[index] === 1 || matchTokens(tokens, path) ? 1 : 0,
      )
      folders.set(path, known)
    }
    return known
  }

  /** Index of the pattern that decides, -1 when none matches. */
  function deciding(path: string): number {
    const above = matchesOf(parentOf(path))
    for (let index = patterns.length - 1; index >= 0; index--) {
      if (above[index] === 1 || matchTokens(patterns[index]!.tokens, path)) return index
    }
    return -1
  }

  function excludes(path: string): boolean {
    if (path === '' || path === '.' || patterns.length === 0) return false
    const index = deciding(path)
    return index !== -1 && !patterns[index]!.isKept
  }

  return {
    isEmpty: patterns.length === 0,
    hasExceptions: patterns.some(({ isKept }) => isKept),
    excludesAll: patterns.some(({ text, isKept }) => !isKept && ['*', '**', '**/*'].includes(text)),
    excludes,
    canSkipDirectory(path) {
      if (!excludes(path)) return false
      const later = patterns.slice(deciding(path) + 1)
      return !later.some(({ isKept, tokens }) => isKept && canMatchBelow(tokens, `${path}/`))
    },
  }
}

/** A pattern of a file with its leading "/" taken away. */
function relative(written: string): string {
  const isKept = written.startsWith('!')
  let pattern = isKept ? trimSpace(written.slice(1)) : written
  if (pattern !== '') pattern = clean(pattern)
  if (pattern.length > 1 && pattern.startsWith('/')) pattern = pattern.slice(1)
  return isKept ? `!${pattern}` : pattern
}

function compile(written: string, place: Place): Pattern | undefined {
  const trimmed = trimSpace(written)
  if (trimmed === '') return undefined
  const pattern = clean(trimmed)
  if (pattern === '!') {
    throw new Failure('DOCKERFILE_INVALID', 'the pattern "!" excepts nothing', {
      at: place,
      hint: 'remove it or put a pattern behind the "!"',
    })
  }
  const isKept = pattern.startsWith('!')
  const text = isKept ? pattern.slice(1) : pattern
  return withPlace(text, place, () => {
    parseMatchPattern(text)
    return { text, tokens: parseIgnorePattern(text), isKept }
  })
}

/** Go's path.Clean. */
function clean(path: string): string {
  const normal = posix.normalize(path)
  return normal.length > 1 && normal.endsWith('/') ? normal.slice(0, -1) : normal
}

function parentOf(path: string): string {
  const slash = path.lastIndexOf('/')
  return slash === -1 ? '' : path.slice(0, slash)
}
