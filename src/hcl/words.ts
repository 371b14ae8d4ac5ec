/** Words with a meaning of their own: `for`, `in`, `if` and the names a `for` gives. */
import { skipBlanks, spanFrom, take, takeIdentifier, unexpected, type Cursor } from './cursor.ts'
import { hclFailure } from './source.ts'

/** Takes a word such as `in` or `if`; not where it is the beginning of a longer name. */
export function takeWord(cursor: Cursor, word: string): boolean {
  const { position } = cursor
  if (takeIdentifier(cursor)?.name === word) return true
  cursor.position = position
  return false
}

export function needWord(cursor: Cursor, word: string): void {
  skipBlanks(cursor)
  if (!takeWord(cursor, word)) throw unexpected(cursor, `"${word}"`)
  skipBlanks(cursor)
}

/** The names a `for` gives its elements: `value` or `key, value`. */
export function readForNames(cursor: Cursor): { key: string | undefined; value: string } {
  const first = readName(cursor)
  skipBlanks(cursor)
  if (!take(cursor, ',')) return { key: undefined, value: first }
  skipBlanks(cursor)
  return { key: first, value: readName(cursor) }
}

function readName(cursor: Cursor): string {
  const found = takeIdentifier(cursor)
  if (!found) throw unexpected(cursor, 'a name')
  return found.name
}

/** The end of a line, where an attribute or a block must end. */
export function needLineEnd(cursor: Cursor, what: string): void {
  skipBlanks(cursor)
  if (cursor.position >= cursor.end || take(cursor, '\n')) return
  cursor.position++
  throw hclFailure(
    `${what} must end with its line`,
    spanFrom(cursor, cursor.position - 1),
    'put what follows on a line of its own',
  )
}
