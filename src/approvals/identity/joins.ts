/**
 * The ways in which two spellings become one person. Strong ones hold for certain; weak ones join a spelling that has
 * nothing but a login or a name to the only person it can mean.
 */
import type { Person } from '../event.ts'
import type { Groups, MergeReason } from './groups.ts'
import type { KnownPerson } from './people-file.ts'

export interface Spellings {
  readonly people: readonly (Person | null)[]
  /** names of programs by spelling */
  readonly bots: readonly (string | undefined)[]
  readonly groups: Groups
}

/** Lower case, without a tag: `Ada+git@x.org` is read by whoever reads `ada@x.org`. */
export function plainMail(email: string): string {
  const at = email.lastIndexOf('@')
  return `${email.slice(0, at).replace(/(?<=.)\+.*$/, '')}${email.slice(at)}`.toLowerCase()
}

const noreply = /^(?:(\d+)\+)?([^@]+)@users\.noreply\.github\.com$/i

/** What names a spelling for certain, strongest first. A login does so only where nothing stronger is known. */
function strongKeys(person: Person): [MergeReason, string][] {
  const keys: [MergeReason, string][] = []
  if (person.id !== undefined) keys.push(['id', `id ${person.id}`])
  const hidden = noreply.exec(person.email ?? '')
  if (hidden?.[1] !== undefined) keys.push(['id', `id github:${hidden[1]}`])
  else if (hidden) keys.push(['login', `login ${hidden[2]!.toLowerCase()}`])
  else if (person.email?.includes('@')) keys.push(['mail', `mail ${plainMail(person.email)}`])
  if (keys.length === 0 && person.login !== undefined)
    keys.push(['login', `login ${person.login.toLowerCase()}`])
  return keys
}

/** Joins by id, mail or the name of a program. */
export function joinStrong({ people, bots, groups }: Spellings): void {
  const join = firstOf(groups)
  for (const [index, person] of people.entries()) {
    if (person === null) continue
    if (bots[index] !== undefined) join(index, 'bot', `bot ${bots[index]}`)
    else for (const [reason, key] of strongKeys(person)) join(index, reason, key)
  }
}

/** Joins what has the same key as one before. */
function firstOf(groups: Groups): (index: number, reason: MergeReason, key: string) => void {
  const first = new Map<string, number>()
  return (index, reason, key) => {
    const other = first.get(key)
    if (other === undefined) first.set(key, index)
    else groups.join(other, index, reason)
  }
}

/** Joins what the people file says, and returns what it says of each spelling. */
export function joinKnown(
  { people, groups }: Spellings,
  known: readonly KnownPerson[],
): Map<number, KnownPerson> {
  const bySpelling = new Map<number, KnownPerson>()
  const byName = new Map<string, KnownPerson>()
  for (const person of known)
    for (const name of [person.name, ...person.is]) byName.set(name.toLowerCase(), person)
  const join = firstOf(groups)
  for (const [index, person] of people.entries()) {
    if (person === null) continue
    const { id, login, name, email } = person
    const names = [id, email, email && plainMail(email), login, name]
    const found = names
      .map((each) => byName.get(each?.toLowerCase() ?? ''))
      .find((each) => each !== undefined)
    if (!found) continue
    bySpelling.set(index, found)
    join(index, 'people file', found.name.toLowerCase())
  }
  return bySpelling
}

/** Whether nothing but a login or a name is known. */
function isWeak(person: Person): boolean {
  return person.id === undefined && person.email === undefined
}

/** Logins and names alone join the only person who has them; a handle also the only one whose mail begins with it. */
export function joinWeak({ people, bots, groups }: Spellings): void {
  const owners = ownersOf({ people, bots, groups })
  const only = (key: string): number | undefined => {
    const set = owners.get(key)
    return set?.size === 1 ? [...set][0] : undefined
  }
  const join = firstOf(groups)
  for (const [index, person] of people.entries()) {
    if (person === null || bots[index] !== undefined || !isWeak(person)) continue
    const login = person.login?.toLowerCase()
    const name = person.name?.toLowerCase()
    const byLogin = only(`login ${login}`)
    const byHandle = owners.has(`login ${login}`) ? undefined : only(`handle ${login}`)
    const byName = only(`name ${name}`)
    if (byLogin !== undefined) groups.join(byLogin, index, 'login')
    else if (byHandle !== undefined) groups.join(byHandle, index, 'handle')
    else if (byName !== undefined) groups.join(byName, index, 'name')
    // A name without anything else is one person, however often it comes.
    if (login === undefined && name !== undefined) join(index, 'name', name)
  }
}

/** Who has a login, a name or the beginning of a mail, among those of whom more is known. */
function ownersOf({ people, bots, groups }: Spellings): Map<string, Set<number>> {
  const owners = new Map<string, Set<number>>()
  for (const [index, person] of people.entries()) {
    if (person === null || bots[index] !== undefined || isWeak(person)) continue
    const isHidden = person.email === undefined || noreply.test(person.email)
    const keys = [
      person.login !== undefined && `login ${person.login.toLowerCase()}`,
      person.name !== undefined && `name ${person.name.toLowerCase()}`,
      !isHidden && `handle ${plainMail(person.email).split('@')[0]}`,
    ]
    for (const key of keys) {
      if (typeof key !== 'string') continue
      owners.set(key, (owners.get(key) ?? new Set()).add(groups.find(index)))
    }
  }
  return owners
}

function fullName(person: Person | null): string | undefined {
  const name = person?.id === undefined ? person?.name?.trim() : undefined
  return name !== undefined && /\S\s+\S/.test(name) ? name.toLowerCase() : undefined
}

/** Joins people with the same full name of whom no id is known: with ids, two are two. */
export function joinNames({ people, bots, groups }: Spellings): void {
  const join = firstOf(groups)
  for (const [index, person] of people.entries()) {
    const name = bots[index] === undefined ? fullName(person) : undefined
    if (name !== undefined) join(index, 'name', name)
  }
}
