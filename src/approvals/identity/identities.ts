/**
 * People out of the spellings that sources know them by. Ids come before mails, mails before logins, logins before names:
 * what is weaker joins only where it means one person.
 */
import type { Person } from '../event.ts'
import { botOf } from './bots.ts'
import { newGroups, type MergeReason } from './groups.ts'
import { joinKnown, joinNames, joinStrong, joinWeak, type Spellings } from './joins.ts'
import { labelsOf } from './labels.ts'
import type { KnownPerson } from './people-file.ts'

export interface IdentityOptions {
  readonly known?: readonly KnownPerson[] | undefined
  /** further logins, names or mails of programs */
  readonly bots?: readonly string[] | undefined
  /** whether spellings with one full name and no ids are one person; default true */
  readonly mergeNames?: boolean | undefined
}

export interface Identity {
  /** unique among all */
  readonly label: string
  readonly kind: 'person' | 'bot' | 'ghost'
  /** indexes of spellings */
  readonly spellings: readonly number[]
  readonly known: KnownPerson | undefined
}

export interface Merge {
  readonly label: string
  readonly spellings: readonly Person[]
  readonly reasons: readonly MergeReason[]
}

export interface Identities {
  /** index of an identity by index of a spelling */
  readonly of: Int32Array
  readonly list: readonly Identity[]
  readonly merges: readonly Merge[]
  /** how many people are one because of their full name alone */
  readonly mergedByName: number
}

/** `people` is what was collected: its first is nobody. `lastSeen` tells when a spelling was seen last. */
export function resolveIdentities(
  people: readonly (Person | null)[],
  lastSeen: ArrayLike<number>,
  options: IdentityOptions = {},
): Identities {
  const extra = new Set([
    ...(options.bots ?? []).map((bot) => bot.toLowerCase()),
    ...(options.known ?? [])
      .filter(({ isBot }) => isBot)
      .flatMap(({ name, is }) => [name, ...is].map((each) => each.toLowerCase())),
  ])
  const bots = people.map((person) => (person === null ? undefined : botOf(person, extra)))
  const groups = newGroups(people.length)
  const spellings: Spellings = { people, bots, groups }
  joinStrong(spellings)
  const known = joinKnown(spellings, options.known ?? [])
  joinWeak(spellings)
  if (options.mergeNames !== false) joinNames(spellings)
  const sets = groups.sets()
  const kindOf = (first: number): Identity['kind'] => {
    if (people[first] === null) return 'ghost'
    return bots[first] === undefined ? 'person' : 'bot'
  }
  const knownOf = (members: readonly number[]) => {
    const index = members.find((each) => known.has(each))
    return index === undefined ? undefined : known.get(index)
  }
  const bare = sets.map((spellings) => ({
    spellings,
    kind: kindOf(spellings[0]!),
    known: knownOf(spellings),
  }))
  const labels = labelsOf(bare, people, bots, lastSeen)
  const list = bare.map((each, index) => ({ ...each, label: labels[index]! }))
  const of = new Int32Array(people.length)
  for (const [index, { spellings: members }] of list.entries()) for (const each of members) of[each] = index
  const merges = list
    .filter(({ spellings: members, kind }) => members.length > 1 && kind !== 'ghost')
    .map(({ label, spellings: members }) => ({
      label,
      spellings: members.map((each) => people[each]!),
      reasons: groups.reasonsOf(members[0]!),
    }))
  return { of, list, merges, mergedByName: merges.filter(({ reasons }) => reasons.includes('name')).length }
}
