/** Patterns of COPY and ADD sources: Go's path/filepath.Match on Linux. */
import { Failure, type Place } from '../base/index.ts'
import { quote } from './failures.ts'
import { matchTokens } from './glob.ts'
import { GlobError, parseMatchPattern } from './glob-tokens.ts'

export interface MatchOptions {
  /** where the pattern stands, for failures */
  readonly place?: Place | undefined
}

/**
 * Whether the pattern matches the whole name: "*" and "?" match no "/", "[a-c]" and "[^x]" are sets of characters,
 * a backslash escapes. Throws `DOCKERFILE_INVALID` for a malformed pattern, whatever the name.
 */
export function matchPath(pattern: string, name: string, options: MatchOptions = {}): boolean {
  return compileMatch(pattern, options)(name)
}

/** Like `matchPath` for many names: the pattern is read once. Throws `DOCKERFILE_INVALID`. */
export function compileMatch(pattern: string, { place }: MatchOptions = {}): (name: string) => boolean {
  const tokens = withPlace(pattern, place, () => parseMatchPattern(pattern))
  return (name) => matchTokens(tokens, name)
}

/** Whether the text has a wildcard that no backslash escapes. */
export function hasMeta(pattern: string): boolean {
  return /^(?:[^\\*?[]|\\.)*[*?[]/su.test(pattern)
}

/** Runs `read`; what is wrong with the pattern becomes a `Failure`. */
export function withPlace<T>(pattern: string, place: Place | undefined, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof GlobError)) throw error
    throw new Failure('DOCKERFILE_INVALID', `the pattern ${quote(pattern)} is malformed: ${error.message}`, {
      at: place,
      cause: error,
    })
  }
}
