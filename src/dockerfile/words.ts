/** Cutting the arguments of an instruction into words that keep their quotes, escapes and variables. */
import type { Word } from './instruction.ts'
import type { Statement } from './statement.ts'
import { isBlank, isSpace, skipSpace } from './whitespace.ts'

/** Words between blanks; quotes mean nothing (FROM, COPY, ADD, EXPOSE, VOLUME). */
export function blankWords({ line, start, end, place }: Statement): Word[] {
  const words: Word[] = []
  let index = start
  while (index < end) {
    const begin = index
    while (index < end && !isBlank(line.text.charCodeAt(index))) index++
    words.push({ text: line.text.slice(begin, index), place: place(begin, index) })
    while (index < end && isBlank(line.text.charCodeAt(index))) index++
  }
  return words
}

/** Words between spaces where quotes and escapes hold them together (ENV, LABEL, ARG). */
export function quotedWords({ line: { text }, start, end, escape, place }: Statement): Word[] {
  const words: Word[] = []
  let index = skipSpace(text, start, end)
  while (index < end) {
    const begin = index
    let quote = ''
    let isCut = false
    for (; index < end; index++) {
      const unit = text[index]!
      if (quote === '' && isSpace(text.charCodeAt(index))) break
      if (unit === escape && quote !== "'") {
        // an escape as the very last unit is dropped
        if (index + 1 === end) isCut = true
        else index++
      } else if (unit === quote) quote = ''
      else if (quote === '' && (unit === '"' || unit === "'")) quote = unit
    }
    const stop = isCut ? index - 1 : index
    if (stop > begin) words.push({ text: text.slice(begin, stop), place: place(begin, stop) })
    index = skipSpace(text, index, end)
  }
  return words
}

/** All arguments as one word, or nothing when there are none. */
export function wholeWord({ line, start, end, place }: Statement): Word | undefined {
  return start === end ? undefined : { text: line.text.slice(start, end), place: place(start, end) }
}
