/** Tables that line up: text to the left, numbers to the right, two spaces between columns. */
import { styleText, stripVTControlCharacters } from 'node:util'

export interface Column {
  readonly title: string
  readonly align?: 'left' | 'right'
}

/** Lines of a table; the title line is dim when the stream takes colour. */
export function formatTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  stream: NodeJS.WriteStream,
): string[] {
  const widths = columns.map(({ title }, index) =>
    Math.max(title.length, ...rows.map((row) => visibleWidth(row[index] ?? ''))),
  )
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, index) => {
        const padding = ' '.repeat(widths[index]! - visibleWidth(cell))
        return columns[index]!.align === 'right' ? padding + cell : cell + padding
      })
      .join('  ')
      .trimEnd()
  const title = styleText('dim', line(columns.map((column) => column.title)), { stream })
  return [title, ...rows.map((row) => line(row))]
}

function visibleWidth(text: string): number {
  return stripVTControlCharacters(text).length
}
