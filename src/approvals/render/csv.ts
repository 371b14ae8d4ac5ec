/** A picture as comma-separated values. */
import { captionLines } from '../facts.ts'
import type { Picture } from '../picture.ts'
import { csvRows } from './csv-rows.ts'
import { pairRows } from './pairs-table.ts'

/** With the facts as lines that begin with `#` before the header. */
export function csvFile({ view, facts }: Picture): string {
  const marks = facts.partial.map((reason) => `Partial: ${reason}`)
  const head = [...marks, ...captionLines(facts)].map((line) => `# ${line}\r\n`)
  return `${head.join('')}${csvRows(pairRows(view))}`
}
