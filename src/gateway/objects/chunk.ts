/** The documents of a YAML file as texts, so that one that did not change need not be parsed again. */

export interface Chunk {
  readonly text: string
  /** lines before it in the file */
  readonly linesBefore: number
}

/**
 * Splits at `---` and `...` lines, which YAML allows nowhere else at the start of a line (yaml.org/spec/1.2.2, 9.1.3).
 * A directive (`%YAML`) stays with the document that it is for; documents that hold nothing are left out.
 */
export function splitDocuments(text: string): Chunk[] {
  const chunks: Chunk[] = []
  const marker = /^(?:---|\.\.\.)(?=\s|$)/gm
  let [start, startLine, line, lineAt] = [0, 0, 0, 0]
  const lineOf = (at: number): number => {
    for (let next = text.indexOf('\n', lineAt); next >= 0 && next < at; next = text.indexOf('\n', lineAt)) {
      lineAt = next + 1
      line++
    }
    return line
  }
  const endAt = (end: number, next: number): void => {
    const chunk = text.slice(start, end)
    if (holdsContent(chunk)) chunks.push({ text: chunk, linesBefore: startLine })
    else if (holdsDirective(chunk)) return
    ;[start, startLine] = [next, lineOf(next)]
  }
  for (const { 0: found, index } of text.matchAll(marker)) endAt(index, found === '...' ? index + 3 : index)
  endAt(text.length, text.length)
  return chunks
}

function holdsContent(chunk: string): boolean {
  return /^[ \t\ufeff]*[^\s#%\ufeff]/m.test(chunk.replace(/^---(?=\s|$)/m, ''))
}

function holdsDirective(chunk: string): boolean {
  return /^%/m.test(chunk)
}
