/** The instructions that set one thing: WORKDIR, USER, STOPSIGNAL, MAINTAINER, EXPOSE, VOLUME. */
import { comparePathnames } from '../base/index.ts'
import { syntaxFailure } from './failures.ts'
import { checkFlags, warnOfFlags } from './flags.ts'
import type { Word } from './instruction.ts'
import { jsonWords } from './json-form.ts'
import type { Statement } from './statement.ts'
import { trimSpace } from './whitespace.ts'
import { blankWords, wholeWord } from './words.ts'

/** All arguments as one word. */
export function parseSetting(statement: Statement): Word {
  const word = wholeWord(statement)
  if (word === undefined) {
    throw syntaxFailure(`${statement.keyword} needs exactly one argument`, statement.keywordPlace)
  }
  if (statement.keyword === 'STOPSIGNAL') warnOfFlags(statement)
  else checkFlags(statement, {})
  return word
}

export function parsePorts(statement: Statement): readonly Word[] {
  const words = blankWords(statement)
  requireSome(words, statement)
  checkFlags(statement, {})
  return words.sort((a, b) => comparePathnames(a.text, b.text))
}

export function parseVolumes(statement: Statement): readonly Word[] {
  const words = jsonWords(statement) ?? blankWords(statement)
  requireSome(words, statement)
  checkFlags(statement, {})
  return words.map(({ text, place }) => {
    const trimmed = trimSpace(text)
    if (trimmed === '') throw syntaxFailure('VOLUME has an empty path', place)
    return { text: trimmed, place }
  })
}

function requireSome(words: readonly Word[], { keyword, keywordPlace }: Statement): void {
  if (words.length === 0) throw syntaxFailure(`${keyword} needs at least one argument`, keywordPlace)
}
