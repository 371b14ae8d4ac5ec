/** Comma-separated values (RFC 4180) as records that know their lines; quoted fields may hold line ends. */

export interface CsvRecord {
  /** from 1, where the record begins */
  readonly line: number
  readonly fields: readonly string[]
}

/** Records without empty ones and without comments (`#`); nothing in the place of one with a stray quote. */
export function* csvRecords(
  text: string,
): Generator<CsvRecord | { readonly line: number; readonly fields?: undefined }> {
  const field = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|\n|\r|$)/y
  let line = 1
  let at = text.startsWith('\ufeff') ? 1 : 0
  while (at < text.length) {
    const comment = /#[^\r\n]*(?:\r\n|\n|\r|$)/y
    comment.lastIndex = at
    const skipped = comment.exec(text)
    if (skipped) {
      at = comment.lastIndex
      line++
      continue
    }
    const fields: string[] = []
    const start = line
    for (;;) {
      field.lastIndex = at
      const match = field.exec(text)
      if (match === null) return yield { line }
      fields.push(match[1]?.replaceAll('""', '"') ?? match[2]!)
      line += match[0].split(/\r\n|\n|\r/).length - 1
      at = field.lastIndex
      if (match[3] !== ',') break
    }
    if (fields.length > 1 || fields[0]!.trim() !== '') yield { line: start, fields }
  }
}
