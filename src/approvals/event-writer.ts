/** Events as text. */
import type { EventRecord } from './event.ts'

/** One line per record, each with its end. */
export function formatEvents(records: readonly EventRecord[]): string {
  let text = ''
  for (const record of records) text += `${JSON.stringify(record)}\n`
  return text
}
