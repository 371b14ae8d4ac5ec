/**
 * Shell words as Dockerfiles have them: quotes, escapes and `$name`, `${name...}` in the forms of BuildKit's lexer
 * (https://docs.docker.com/reference/dockerfile/#environment-replacement).
 */
import type { Escape } from './instruction.ts'
import { LexError } from './lex-error.ts'
import { removePrefix, removeSuffix, replacePattern } from './shell-pattern.ts'
import { isSpace } from './whitespace.ts'

/** Values of variables; a `Map` fits. */
export interface Environment {
  /** undefined: not set */
  get(name: string): string | undefined
}

export interface LexOptions {
  readonly escape: Escape
  /** quotes stay in the text; what they hold is still protected */
  readonly keepQuotes?: boolean
  /** escapes stay in the text */
  readonly keepEscapes?: boolean
  /** quotes mean nothing */
  readonly ignoreQuotes?: boolean
  /** references to variables that are not set stay in the text */
  readonly keepUnset?: boolean
}

export interface Lexed {
  readonly text: string
  /** the text split at spaces that came from no quote and no escape */
  readonly words: string[]
  /** variables that were set */
  readonly used: Set<string>
  /** variables that were not set */
  readonly unmatched: Set<string>
}

/** deeper nesting of `${a:-${b:-...}}` is refused */
const maxDepth = 500

/** longer values of variables in one word are refused: variables made of variables double in every line */
const maxExpansion = 1 << 26

const letter = /[\p{L}\p{Nd}_]/u
const digit = /\p{Nd}/u

interface State {
  readonly source: string
  readonly env: Environment
  readonly options: LexOptions
  readonly used: Set<string>
  readonly unmatched: Set<string>
  position: number
  depth: number
  /** length of the values so far */
  expanded: number
  keepEscapes: boolean
}

/** Throws `LexError`. Time is linear in the word and in what it expands to. */
export function lex(source: string, env: Environment, options: LexOptions): Lexed {
  const state: State = {
    source: source.startsWith('\uFEFF') ? source.slice(1) : source,
    env,
    options,
    used: new Set(),
    unmatched: new Set(),
    position: 0,
    depth: 0,
    expanded: 0,
    keepEscapes: options.keepEscapes ?? false,
  }
  const { text, words } = readUntil(state, '')
  return { text, words, used: state.used, unmatched: state.unmatched }
}

/** Reads up to the stop character, which is taken away, or with '' to the end. */
function readUntil(state: State, stop: string): { text: string; words: string[] } {
  const { source, options } = state
  const words = newWords()
  let text = ''
  while (state.position < source.length) {
    const unit = source[state.position]!
    if (unit === stop) {
      state.position++
      return { text, words: words.finish() }
    }
    if (unit === '$') {
      const value = readDollar(state)
      text += value
      words.split(value)
    } else if ((unit === "'" || unit === '"') && options.ignoreQuotes !== true) {
      const value = unit === "'" ? readSingleQuotes(state) : readDoubleQuotes(state)
      text += value
      words.add(value)
    } else if (unit === '<') {
      const value = readHeredocMark(state)
      text += value
      words.add(value)
    } else {
      if (unit !== options.escape) {
        const value = readPlain(state, stop)
        text += value
        words.split(value)
        continue
      }
      state.position++
      const next = source[state.position] ?? ''
      state.position++
      const value = state.keepEscapes ? unit + next : next
      text += value
      words.add(value)
    }
  }
  if (stop !== '') throw new LexError(`"${stop}" is missing`)
  return { text, words: words.finish() }
}

/** At least one unit, then everything up to the next unit that may mean something. */
function readPlain(state: State, stop: string): string {
  const { source, options } = state
  const start = state.position++
  while (state.position < source.length) {
    const unit = source[state.position]!
    if (unit === stop || unit === options.escape || '$<"\''.includes(unit)) break
    state.position++
  }
  return source.slice(start, state.position)
}

function newWords() {
  const words: string[] = []
  let word = ''
  const flush = () => {
    if (word !== '') words.push(word)
    word = ''
  }
  return {
    add: (text: string) => {
      word += text
    },
    split: (text: string) => {
      let start = 0
      for (let index = 0; index < text.length; index++) {
        if (!isSpace(text.charCodeAt(index))) continue
        word += text.slice(start, index)
        flush()
        start = index + 1
      }
      word += text.slice(start)
    },
    finish: () => {
      flush()
      return words
    },
  }
}

function readSingleQuotes(state: State): string {
  const start = state.position
  const end = state.source.indexOf("'", start + 1)
  if (end === -1) throw new LexError('a single quote is not closed')
  state.position = end + 1
  return state.options.keepQuotes === true
    ? state.source.slice(start, end + 1)
    : state.source.slice(start + 1, end)
}

function readDoubleQuotes(state: State): string {
  const { source, options } = state
  const mark = options.keepQuotes === true ? '"' : ''
  let text = mark
  state.position++
  while (state.position < source.length) {
    const unit = source[state.position]!
    if (unit === '$') {
      text += readDollar(state)
      continue
    }
    if (unit === '"') {
      state.position++
      return text + mark
    }
    if (unit !== options.escape) {
      text += readPlain(state, '"')
      continue
    }
    state.position++
    // inside double quotes an escape only escapes these; kept escapes come out twice before anything else
    if (state.keepEscapes) text += unit
    const next = source[state.position]
    if (next === '"' || next === '$' || next === options.escape) {
      text += next
      state.position++
    } else text += unit
  }
  throw new LexError('a double quote is not closed')
}

/** `<<` together with the blanks behind it belongs to one word, so that `<< EOF` is one. */
function readHeredocMark(state: State): string {
  const { source } = state
  const start = state.position++
  if (source[state.position] !== '<') return '<'
  state.position++
  while (state.position < source.length && '\t\r '.includes(source[state.position]!)) state.position++
  return source.slice(start, state.position)
}

function readDollar(state: State): string {
  const { source } = state
  state.position++
  if (source[state.position] !== '{') {
    const name = readName(state)
    if (name === '') return '$'
    return lookUp(state, name) ?? (state.options.keepUnset === true ? `$${name}` : '')
  }
  state.position++
  const first = source[state.position]
  if (first === undefined) throw new LexError('"}" is missing')
  if (first === '{' || first === '}' || first === ':')
    throw new LexError('"${" needs a variable name behind it')
  const name = readName(state)
  return readSubstitution(state, name)
}

function readSubstitution(state: State, name: string): string {
  const keepUnset = state.options.keepUnset === true
  let modifier = nextCharacter(state)
  if (modifier === '}') return lookUp(state, name) ?? (keepUnset ? `\${${name}}` : '')
  if (modifier === '/') return readReplacement(state, name)
  const hasColon = modifier === ':'
  if (hasColon) modifier = nextCharacter(state)
  const isTrim = modifier === '#' || modifier === '%'
  if ((!hasColon && !['+', '-', '?', '#', '%'].includes(modifier)) || (hasColon && isTrim)) {
    throw unknownModifier(name, modifier, hasColon)
  }
  const word = readNested(state, '}', isTrim)
  const value = lookUp(state, name)
  if (value === undefined && keepUnset) return `\${${name}${hasColon ? ':' : ''}${modifier}${word}}`
  return substitute({ name, value, hasColon, modifier, word })
}

interface Substitution {
  readonly name: string
  readonly value: string | undefined
  /** with it an empty value counts as none */
  readonly hasColon: boolean
  readonly modifier: string
  readonly word: string
}

function substitute({ name, value, hasColon, modifier, word }: Substitution): string {
  const isMissing = value === undefined || (hasColon && value === '')
  switch (modifier) {
    case '-':
      return isMissing ? word : value
    case '+':
      return isMissing ? '' : word
    case '?': {
      if (!isMissing) return value
      const reason = value === undefined ? 'is not allowed to be unset' : 'is not allowed to be empty'
      throw new LexError(`${name}: ${word === '' ? reason : word}`)
    }
    case '#':
    case '%': {
      const isLongest = word.startsWith(modifier)
      const remove = modifier === '#' ? removePrefix : removeSuffix
      return remove(value ?? '', isLongest ? word.slice(1) : word, isLongest)
    }
    default:
      throw unknownModifier(name, modifier, hasColon)
  }
}

function unknownModifier(name: string, modifier: string, hasColon: boolean): LexError {
  if (modifier === '') return new LexError('"}" is missing')
  return new LexError(`the modifier "${hasColon ? ':' : ''}${modifier}" of "$\{${name}" does not exist`)
}

function readReplacement(state: State, name: string): string {
  const isAll = state.source[state.position] === '/'
  if (isAll) state.position++
  const pattern = readNested(state, '/', true)
  const replacement = readNested(state, '}', true)
  const value = lookUp(state, name)
  if (value === undefined && state.options.keepUnset === true) return `\${${name}/${pattern}/${replacement}}`
  return replacePattern(value ?? '', pattern, replacement, isAll)
}

function readNested(state: State, stop: string, keepEscapes: boolean): string {
  if (++state.depth > maxDepth) throw new LexError(`it nests more than ${maxDepth} substitutions`)
  const before = state.keepEscapes
  state.keepEscapes = keepEscapes
  const { text } = readUntil(state, stop)
  state.keepEscapes = before
  state.depth--
  return text
}

/** Letters, digits and "_"; or only digits; or one special parameter such as "@". */
function readName(state: State): string {
  const { source } = state
  const start = state.position
  const first = peekCharacter(state)
  if ('@*#?-$!'.includes(first) && first !== '') {
    state.position++
    return first
  }
  const part = digit.test(first) ? digit : letter
  for (let character = first; character !== '' && part.test(character); character = peekCharacter(state)) {
    state.position += character.length
  }
  return source.slice(start, state.position)
}

function peekCharacter({ source, position }: State): string {
  const code = source.codePointAt(position)
  return code === undefined ? '' : String.fromCodePoint(code)
}

function nextCharacter(state: State): string {
  const character = peekCharacter(state)
  state.position += character.length
  return character
}

function lookUp(state: State, name: string): string | undefined {
  const value = state.env.get(name)
  if (value === undefined) {
    state.unmatched.add(name)
    return undefined
  }
  state.used.add(name)
  state.expanded += value.length
  if (state.expanded > maxExpansion)
    throw new LexError(`its variables hold more than ${maxExpansion >> 20} MiB`)
  return value
}
