/** Events as text. */
import type { ApprovalEvent, EventRecord, Person } from './event.ts'

/** Records as lines, each with its end. */
export type EventFormat = (records: readonly EventRecord[]) => string

/** A format for many records, in which people come again and again, as the same objects where a source takes care of it. */
export function eventFormat(): EventFormat {
  const people = new WeakMap<Person, string>()
  const personText = (person: Person | null): string => {
    if (person === null) return 'null'
    let text = people.get(person)
    if (text === undefined) people.set(person, (text = JSON.stringify(person)))
    return text
  }
  /** As `JSON.stringify` writes it, people apart. */
  const approvalText = ({ author, approver, ...rest }: ApprovalEvent): string =>
    `${JSON.stringify(rest).slice(0, -1)},"author":${personText(author)},"approver":${personText(approver)}}`
  return (records) => {
    let text = ''
    for (const record of records)
      text += `${record.kind === 'approval' ? approvalText(record) : JSON.stringify(record)}\n`
    return text
  }
}
