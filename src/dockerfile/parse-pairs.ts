/** ENV, LABEL and ARG. */
import { quote, syntaxFailure } from './failures.ts'
import { checkFlags, warnOfFlags } from './flags.ts'
import type { ArgInstruction, Pair, Word } from './instruction.ts'
import type { Statement } from './statement.ts'
import { isBlank } from './whitespace.ts'
import { quotedWords } from './words.ts'

export function parsePairs(statement: Statement): { pairs: readonly Pair[]; legacyForm: boolean } {
  const read = readPairs(statement)
  checkFlags(statement, {})
  if (read.pairs.length === 0) {
    throw syntaxFailure(
      `${statement.keyword} needs at least one name and value`,
      statement.keywordPlace,
      `write ${statement.keyword} name=value`,
    )
  }
  for (const { name } of read.pairs) checkName(name, statement)
  return read
}

/** The name and value pairs without a look at flags and names; none when there are no arguments. */
export function readPairs(statement: Statement): { pairs: readonly Pair[]; legacyForm: boolean } {
  const words = quotedWords(statement)
  if (words.length === 0) return { pairs: [], legacyForm: false }
  if (!words[0]!.text.includes('=')) return { pairs: [readLegacyPair(statement)], legacyForm: true }
  const pairs = words.map((word) => {
    const equals = word.text.indexOf('=')
    if (equals === -1) {
      throw syntaxFailure(
        `${statement.keyword} has ${quote(word.text)}, which is not of the form name=value`,
        word.place,
        'put values that hold spaces in double quotes',
      )
    }
    return splitPair(word, equals)
  })
  return { pairs, legacyForm: false }
}

/** `ENV name all the rest` */
function readLegacyPair({ keyword, line: { text }, start, end, place }: Statement): Pair {
  let stop = start
  while (stop < end && !isBlank(text.charCodeAt(stop))) stop++
  let next = stop
  while (next < end && isBlank(text.charCodeAt(next))) next++
  const name = { text: text.slice(start, stop), place: place(start, stop) }
  if (next === stop) {
    throw syntaxFailure(
      `${keyword} has the name ${quote(name.text)} but no value`,
      name.place,
      `write ${keyword} name=value`,
    )
  }
  return { name, value: { text: text.slice(next, end), place: place(next, end) } }
}

export function parseArg(statement: Statement): Pick<ArgInstruction, 'pairs'> {
  const words = quotedWords(statement)
  warnOfFlags(statement)
  if (words.length === 0) {
    throw syntaxFailure(
      'ARG needs at least one name',
      statement.keywordPlace,
      'write ARG name or ARG name=default',
    )
  }
  const pairs = words.map((word) => {
    const equals = word.text.indexOf('=')
    if (equals === -1) return { name: word }
    const pair = splitPair(word, equals)
    checkName(pair.name, statement)
    return pair
  })
  return { pairs }
}

function splitPair({ text, place }: Word, equals: number): Pair {
  const column = place.column + equals
  // a word over several lines has only its first part in the place
  const middle = Math.min(column, place.endColumn ?? column)
  const valueColumn = Math.min(column + 1, Math.max(middle, (place.endColumn ?? column + 2) - 1))
  return {
    name: { text: text.slice(0, equals), place: { ...place, endColumn: Math.max(middle, place.column + 1) } },
    value: { text: text.slice(equals + 1), place: { ...place, column: valueColumn } },
  }
}

function checkName(name: Word, { keyword }: Statement): void {
  if (name.text === '')
    throw syntaxFailure(`${keyword} has a value without a name`, name.place, 'write name=value')
}
