/** Expansion of variables in words, with failures that point at the word. */
import { Failure, type Place } from '../base/index.ts'
import { quote } from './failures.ts'
import type { Escape } from './instruction.ts'
import { LexError } from './lex-error.ts'
import { type Environment, lex, type Lexed, type LexOptions } from './lexer.ts'

interface References {
  /** variables that were referred to and set */
  readonly used: ReadonlySet<string>
  /** variables that were referred to and not set */
  readonly unmatched: ReadonlySet<string>
}

export interface Expanded extends References {
  readonly text: string
}

export interface ExpandedWords extends References {
  readonly words: readonly string[]
}

export interface ExpandOptions {
  /** where the word stands, for failures */
  readonly place?: Place | undefined
}

/** The word with variables replaced, quotes and escapes resolved. Throws `DOCKERFILE_INVALID`. */
export function expandWord(
  word: string,
  env: Environment,
  escape: Escape,
  options: ExpandOptions = {},
): Expanded {
  const { text, used, unmatched } = run(word, env, { escape }, options)
  return { text, used, unmatched }
}

/**
 * Like `expandWord`, then split at spaces that were neither quoted nor escaped; spaces in values of variables split
 * too (EXPOSE). Throws `DOCKERFILE_INVALID`.
 */
export function expandWords(
  word: string,
  env: Environment,
  escape: Escape,
  options: ExpandOptions = {},
): ExpandedWords {
  const { words, used, unmatched } = run(word, env, { escape }, options)
  return { words, used, unmatched }
}

/**
 * The body of a here-document of COPY or ADD with variables replaced: quotes are plain text, the escape character is
 * the backslash whatever the escape directive says, and it is taken away. Throws `DOCKERFILE_INVALID`.
 */
export function expandHeredoc(content: string, env: Environment, options: ExpandOptions = {}): Expanded {
  const { text, used, unmatched } = run(content, env, { escape: '\\', ignoreQuotes: true }, options)
  return { text, used, unmatched }
}

function run(word: string, env: Environment, options: LexOptions, { place }: ExpandOptions): Lexed {
  try {
    return lex(word, env, options)
  } catch (error) {
    if (!(error instanceof LexError)) throw error
    throw new Failure('DOCKERFILE_INVALID', `cannot expand ${quote(word)}: ${error.message}`, {
      at: place,
      cause: error,
    })
  }
}
