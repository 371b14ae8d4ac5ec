/** Names and mails inside of messages by mailmap, which git itself applies to authors only. */
import { linesOf } from '../../event-reader.ts'
import type { Person } from '../../event.ts'
import type { Waiting } from '../../../base/index.ts'
import { startGit } from './git-process.ts'
import { mailmapOf } from './log.ts'
import type { History } from './repository.ts'

export interface Mailmap {
  /** Learns what these people are called now. */
  readonly learn: (people: Iterable<Person>) => Promise<void>
  /** The person as mailmap has them, as they are when it was not learned or has no mail. */
  readonly resolve: (person: Person) => Person
  /** people that another name or mail was found for */
  readonly mapped: () => number
  readonly close: () => Promise<void>
  /** ends it without waiting, as when nobody reads on */
  readonly stop: () => void
}

export function openMailmap(history: History, options: Waiting = {}): Mailmap {
  const known = new Map<Person, Person>()
  const answered = new Map<string, Person>()
  let mapped = 0
  let process: { ask: ReturnType<typeof startGit>; answers: AsyncGenerator<string> } | undefined
  const start = () => {
    const ask = startGit(history.folder, [...mailmapOf(history), 'check-mailmap', '--stdin'], options)
    return { ask, answers: linesOf(ask.stdout) }
  }
  return {
    async learn(people) {
      const asked = new Map<string, Person>()
      for (const person of people) {
        if (known.has(person)) continue
        const contact = contactOf(person)
        if (contact !== undefined && !answered.has(contact)) asked.set(contact, person)
      }
      if (asked.size > 0) {
        process ??= start()
        process.ask.write([...asked.keys()].map((contact) => `${contact}\n`).join(''))
        for (const [contact, person] of asked) {
          const answer = await process.answers.next()
          const found = mappedPerson(person, answer.done ? '' : answer.value)
          if (found !== person) mapped++
          answered.set(contact, found)
        }
      }
      for (const person of people)
        if (!known.has(person)) known.set(person, answered.get(contactOf(person) ?? '') ?? person)
    },
    resolve: (person) => known.get(person) ?? person,
    mapped: () => mapped,
    close: async () => process?.ask.end(),
    stop: () => process?.ask.stop(),
  }
}

/** The same object where nothing is mapped. */
function mappedPerson(person: Person, answer: string): Person {
  const match = /^(.*?)\s*<(.*)>$/.exec(answer)
  if (!match || (match[2] === person.email && match[1] === (person.name ?? ''))) return person
  return { ...person, ...(match[1] !== '' && { name: match[1]! }), email: match[2]! }
}

/** As `git check-mailmap` reads it; nothing without a mail, by which it maps. */
function contactOf({ name = '', email }: Person): string | undefined {
  if (email === undefined || /[<>\n]/.test(email)) return undefined
  return `${name.replaceAll(/[<>\n]/g, '')} <${email}>`.trimStart()
}
