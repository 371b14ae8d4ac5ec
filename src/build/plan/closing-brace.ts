/** Where a `${` that may hold others ends: the index of its brace, or -1. `from` is behind the opening brace. */
export function closingBrace(text: string, from: number): number {
  let depth = 1
  for (let index = from; index < text.length; index++) {
    if (text[index] === '$' && text[index + 1] === '{') depth++
    else if (text[index] === '}' && --depth === 0) return index
  }
  return -1
}
