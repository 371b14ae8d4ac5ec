/**
 * Places in text files. Lines and columns are 1-based; columns count UTF-16 code units.
 * `end` is exclusive. A place carries the line's text so that a code frame can be drawn without the file.
 */
export interface Place {
  /** path as the user wrote it */
  readonly file: string
  readonly line: number
  readonly column: number
  /** exclusive end column on the same line; default: `column + 1` */
  readonly endColumn?: number
  readonly lineText?: string
}

/** `file:line:column` */
export function formatPlace(place: Place): string {
  return `${place.file}:${place.line}:${place.column}`
}

/**
 * The line with a caret line below it, or nothing when the place carries no text.
 * `   12 |     basee: debian:12` and `      |     ^^^^^`
 */
export function codeFrame(place: Place): string[] {
  if (place.lineText === undefined) return []
  const number = String(place.line).padStart(5)
  const before = place.lineText.slice(0, place.column - 1).replaceAll(/[^\t]/g, ' ')
  const width = Math.max(1, (place.endColumn ?? place.column + 1) - place.column)
  return [`${number} | ${place.lineText}`, `${' '.repeat(number.length)} | ${before}${'^'.repeat(width)}`]
}
