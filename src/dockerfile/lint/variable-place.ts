/** Where in a word a variable is used. */
import type { Place } from '../../base/index.ts'
import type { Word } from '../instruction.ts'

/** The place of `$name` or `${name` in a word, or of the whole word where that cannot be told. */
export function variablePlace({ text, place }: Word, name: string): Place {
  const { lineText, column, endColumn = column + 1 } = place
  for (const mark of [`$${name}`, `\${${name}`]) {
    const offset = text.indexOf(mark)
    const start = column + offset
    if (offset === -1 || start + mark.length > endColumn) continue
    if (lineText?.startsWith(mark, start - 1))
      return { ...place, column: start, endColumn: start + mark.length }
  }
  return place
}
