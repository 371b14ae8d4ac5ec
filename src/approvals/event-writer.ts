/** Events as text. */
import { toByteText } from './byte-text.ts'
import type { ApprovalEvent, EventRecord, Person } from './event.ts'

/** Records as lines, each with its end. */
export type EventFormat = (records: readonly EventRecord[]) => Buffer

/** A text that is put together is a tree of its pieces until it is used: larger ones outlive the collector's first rounds. */
const partLength = 16 * 1024

/** A format for many records, in which people come again and again, as the same objects where a source takes care of it. */
export function eventFormat(): EventFormat {
  const people = new WeakMap<Person, string>()
  const personText = (person: Person | null): string => {
    if (person === null) return 'null'
    let text = people.get(person)
    if (text === undefined) people.set(person, (text = toByteText(JSON.stringify(person))))
    return text
  }
  return (records) => {
    const parts: Buffer[] = []
    let text = ''
    for (const record of records) {
      if (record.kind !== 'approval') text += `${toByteText(JSON.stringify(record))}\n`
      else
        text += `{"kind":"approval"${factsText(record)},"author":${personText(record.author)},"approver":${personText(record.approver)}}\n`
      if (text.length < partLength) continue
      parts.push(Buffer.from(text, 'latin1'))
      text = ''
    }
    return Buffer.concat([...parts, Buffer.from(text, 'latin1')])
  }
}

/** Written out, as a copy for `JSON.stringify` costs as much as the reading of a history. */
function factsText(event: ApprovalEvent): string {
  let text = `,"source":${quoted(event.source)},"repo":${quoted(event.repo)}`
  if (event.change !== undefined) text += `,"change":${quoted(event.change)}`
  if (event.review !== undefined) text += `,"review":${quoted(event.review)}`
  if (event.at !== undefined) text += `,"at":"${event.at}"`
  text += `,"state":"${event.state}"`
  if (event.was !== undefined) text += `,"was":"${event.was}"`
  if (event.outcome !== undefined) text += `,"outcome":"${event.outcome}"`
  if (event.opened !== undefined) text += `,"opened":"${event.opened}"`
  if (event.coauthor) text += ',"coauthor":true'
  if (event.count !== undefined) text += `,"count":${event.count}`
  if (event.via !== undefined) text += `,"via":${quoted(event.via)}`
  return text
}

const plain = /^[\w#!./:@+ -]*$/

function quoted(text: string): string {
  return plain.test(text) ? `"${text}"` : toByteText(JSON.stringify(text))
}
