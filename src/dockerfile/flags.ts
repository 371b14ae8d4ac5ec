/** Flags of an instruction: the `--name=value` words between its keyword and its arguments. */
import { nearest } from '../base/index.ts'
import { quote, syntaxFailure } from './failures.ts'
import type { Escape, Word } from './instruction.ts'
import type { Statement } from './statement.ts'

/** A flag as lexed: quotes and escapes are gone. Offsets are those of the logical line. */
export interface RawFlag {
  readonly text: string
  readonly start: number
  readonly end: number
  /** offset of the value */
  readonly valueStart: number
}

/** Cuts leading flags off; `rest` is the offset where the arguments begin. */
export function splitFlags(
  text: string,
  start: number,
  end: number,
  escape: Escape,
): { flags: RawFlag[]; rest: number } {
  const flags: RawFlag[] = []
  let index = start
  while (index < end) {
    if (isAsciiSpace(text.charCodeAt(index))) {
      index++
      continue
    }
    if (text[index] !== '-' || index + 1 >= end || text[index + 1] !== '-') return { flags, rest: index }
    const flag = readFlag(text, index, end, escape)
    index = flag.end
    if (flag.text === '--') return { flags, rest: index }
    flags.push(flag)
  }
  return { flags, rest: end }
}

function readFlag(text: string, start: number, end: number, escape: Escape): RawFlag {
  const parts: string[] = []
  let quoting = ''
  let index = start
  let valueStart: number | undefined
  for (; index < end; index++) {
    let unit = text[index]!
    if (quoting === '') {
      if (isAsciiSpace(text.charCodeAt(index))) break
      if (unit === '"' || unit === "'") {
        quoting = unit
        continue
      }
    } else if (unit === quoting) {
      quoting = ''
      continue
    }
    if (unit === escape) {
      if (index + 1 === end) continue
      unit = text[++index]!
    }
    if (unit === '=') valueStart ??= index + 1
    parts.push(unit)
  }
  return { text: parts.join(''), start, end: index, valueStart: valueStart ?? index }
}

function isAsciiSpace(code: number): boolean {
  return code === 0x20 || (code >= 0x09 && code <= 0x0d)
}

export type FlagKind = 'boolean' | 'string' | 'strings'

export interface Flags {
  /** value of a `string` flag */
  word(name: string): Word | undefined
  /** values of a `strings` flag */
  words(name: string): readonly Word[]
  /** value of a `boolean` flag; undefined when it is not there */
  boolean(name: string): boolean | undefined
}

/**
 * Checks the flags of a statement against those the instruction has.
 * Throws `DOCKERFILE_SYNTAX` for unknown and repeated flags and for missing or wrong values.
 */
export function checkFlags(statement: Statement, known: Readonly<Record<string, FlagKind>>): Flags {
  const found = new Map<string, Word[]>()
  for (const flag of statement.flags) {
    const equals = flag.text.indexOf('=')
    const name = equals === -1 ? flag.text.slice(2) : flag.text.slice(2, equals)
    const value = equals === -1 ? undefined : flag.text.slice(equals + 1)
    const at = statement.place(flag.start, flag.end)
    const kind = Object.hasOwn(known, name) ? known[name]! : undefined
    if (kind === undefined) throw unknownFlag(statement, name, Object.keys(known), at)
    const values = found.get(name) ?? []
    if (values.length > 0 && kind !== 'strings') {
      throw syntaxFailure(`${statement.keyword} has the flag --${name} twice`, at, 'remove one of them')
    }
    if (kind === 'boolean') checkBoolean(name, value, at)
    else if (value === undefined) {
      throw syntaxFailure(
        `the flag --${name} of ${statement.keyword} needs a value`,
        at,
        `write --${name}=<value>`,
      )
    }
    values.push({ text: value ?? '', place: statement.place(flag.valueStart, flag.end) })
    found.set(name, values)
  }
  return {
    word: (name) => found.get(name)?.[0],
    words: (name) => found.get(name) ?? [],
    boolean: (name) => {
      const word = found.get(name)?.[0]
      return word && word.text.toLowerCase() !== 'false'
    },
  }
}

/** For the instructions whose flags BuildKit drops without a look. */
export function warnOfFlags(statement: Statement): void {
  for (const flag of statement.flags) {
    statement.warn({
      rule: 'FlagIgnored',
      message: `${statement.keyword} has no flags; ${quote(flag.text)} has no effect`,
      place: statement.place(flag.start, flag.end),
      hint: 'remove the flag',
    })
  }
}

function checkBoolean(name: string, value: string | undefined, at: ReturnType<Statement['place']>): void {
  if (value === undefined || /^(?:true|false)$/iu.test(value)) return
  throw syntaxFailure(
    value === ''
      ? `the flag --${name} has an empty value`
      : `the flag --${name} is either true or false, not ${quote(value)}`,
    at,
    `write --${name} or --${name}=false`,
  )
}

function unknownFlag(
  { keyword }: Statement,
  name: string,
  known: readonly string[],
  at: ReturnType<Statement['place']>,
) {
  const suggestion = name.length <= 64 ? nearest(name, known) : undefined
  const list = known.map((flag) => `--${flag}`).join(', ')
  const all = known.length === 0 ? `${keyword} has no flags` : `${keyword} has ${list}`
  return syntaxFailure(
    `${keyword} has no flag ${quote(`--${name}`)}`,
    at,
    suggestion === undefined ? all : `did you mean --${suggestion}?`,
  )
}
