/** What people are called in pictures: never a mail, never two alike. */
import type { Person } from '../event.ts'
import type { KnownPerson } from './people-file.ts'

interface Bare {
  readonly spellings: readonly number[]
  readonly kind: 'person' | 'bot' | 'ghost'
  readonly known: KnownPerson | undefined
}

/** Labels in the order of `identities`. */
export function labelsOf(
  identities: readonly Bare[],
  people: readonly (Person | null)[],
  bots: readonly (string | undefined)[],
  lastSeen: ArrayLike<number>,
): string[] {
  const wanted = identities.map((identity) => wantedLabel(identity, people, bots, lastSeen))
  const sharers = new Map<string, number>()
  for (const label of wanted) sharers.set(label.toLowerCase(), (sharers.get(label.toLowerCase()) ?? 0) + 1)
  const taken = new Set<string>()
  return wanted.map((label, index) => {
    const login = loginOf(identities[index]!.spellings, people, lastSeen)
    const isShared = sharers.get(label.toLowerCase())! > 1
    const distinct = isShared && login !== undefined && login !== label ? `${label} (${login})` : label
    let unique = distinct
    for (let number = 2; taken.has(unique.toLowerCase()); number++) unique = `${distinct} (${number})`
    taken.add(unique.toLowerCase())
    return unique
  })
}

function wantedLabel(
  { spellings, kind, known }: Bare,
  people: readonly (Person | null)[],
  bots: readonly (string | undefined)[],
  lastSeen: ArrayLike<number>,
): string {
  if (kind === 'ghost') return 'ghost'
  if (known) return known.name
  if (kind === 'bot') return bots[spellings[0]!]!
  const newest = spellings.toSorted((a, b) => lastSeen[b]! - lastSeen[a]! || a - b)
  const has = (key: keyof Person) =>
    newest.map((index) => people[index]![key]).find((each) => each !== undefined && each !== '')
  // Where there are ids, logins are what people know each other by.
  const isHosted = newest.some((index) => people[index]!.id !== undefined)
  const name = isHosted ? (has('login') ?? has('name')) : (has('name') ?? has('login'))
  return oneLine(name ?? has('email')?.split('@')[0] ?? has('id') ?? 'nameless')
}

function loginOf(
  spellings: readonly number[],
  people: readonly (Person | null)[],
  lastSeen: ArrayLike<number>,
): string | undefined {
  const newest = spellings.toSorted((a, b) => lastSeen[b]! - lastSeen[a]! || a - b)
  return newest.map((index) => people[index]?.login).find((each) => each !== undefined)
}

/** Names of histories are sometimes mails, and may hold anything. */
function oneLine(name: string): string {
  const plain = name
    .replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim()
  return /^\S+@\S+$/.test(plain) ? plain.split('@').find((part) => part !== '')! : plain || 'nameless'
}
