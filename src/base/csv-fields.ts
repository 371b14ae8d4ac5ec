/** One line of comma-separated values, as `RUN --mount` and outputs are written (RFC 4180 quoting). */

/** The fields, or nothing when a quote stands where none may. An empty text has no fields and is malformed. */
export function csvFields(text: string): string[] | undefined {
  if (text === '') return undefined
  const fields: string[] = []
  const field = /(?:"((?:[^"]|"")*)"|([^",]*))(?:,|$)/guy
  for (;;) {
    const start = field.lastIndex
    const match = field.exec(text)
    if (match === null) return undefined
    if (match[1] !== undefined) fields.push(match[1].replaceAll('""', '"'))
    else fields.push(match[2]!)
    if (!text.startsWith(',', field.lastIndex - 1) || field.lastIndex === start) return fields
    if (field.lastIndex === text.length) return [...fields, '']
  }
}
