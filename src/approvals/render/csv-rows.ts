/** Comma-separated values (RFC 4180), safe to open in a spreadsheet. Runs in pages too. */
import type { PairRow } from './pairs-table.ts'

/** Columns author, approver, count, as the original had them. */
export function csvRows(rows: readonly PairRow[]): string {
  const lines = rows.map(({ author, approver, count }) =>
    [csvField(author), csvField(approver), String(count)].join(','),
  )
  return ['author,approver,count', ...lines, ''].join('\r\n')
}

/** A spreadsheet takes a field for a formula by its first character; an apostrophe keeps it text. */
export function csvField(text: string): string {
  const plain = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\r\n#']|^\s|\s$/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain
}
