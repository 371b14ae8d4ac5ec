/**
 * The two sets of whitespace that BuildKit's parser knows: "space" as Unicode has it, and "blank", which separates
 * the words of most instructions and knows neither line feeds nor anything outside ASCII.
 */

/** Whether a UTF-16 unit is whitespace in the sense of Unicode's White_Space. */
export function isSpace(code: number): boolean {
  if (code < 0x80) return code === 0x20 || (code >= 0x09 && code <= 0x0d)
  return (
    code === 0x85 ||
    code === 0xa0 ||
    code === 0x1680 ||
    (code >= 0x2000 && code <= 0x200a) ||
    code === 0x2028 ||
    code === 0x2029 ||
    code === 0x202f ||
    code === 0x205f ||
    code === 0x3000
  )
}

/** Whether a UTF-16 unit is one of space, tab, vertical tab, form feed and carriage return. */
export function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09 || (code >= 0x0b && code <= 0x0d)
}

/** Index of the first unit from `start` that is no space, at most `end`. */
export function skipSpace(text: string, start: number, end: number): number {
  let index = start
  while (index < end && isSpace(text.charCodeAt(index))) index++
  return index
}

/** Index after the last unit before `end` that is no space, at least `start`. */
export function dropSpace(text: string, start: number, end: number): number {
  let index = end
  while (index > start && isSpace(text.charCodeAt(index - 1))) index--
  return index
}

export function trimSpace(text: string): string {
  const start = skipSpace(text, 0, text.length)
  return text.slice(start, dropSpace(text, start, text.length))
}
