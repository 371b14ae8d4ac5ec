/**
 * What a commit message says of approvals. Lines are read wherever they stand, not only in git's last paragraph: a blank
 * line between trailers or a note after them would lose up to a quarter of a history (docs/approvals.md, "Git").
 */
import { copyByteText, fromByteText, isAscii, toByteText } from '../../byte-text.ts'
import type { Person } from '../../event.ts'
import { parseContacts } from './contact.ts'

export interface Mention {
  readonly approver: Person
  /** the key as it is matched: `reviewed-by`, `bors` */
  readonly via: string
}

export interface MessageFacts {
  readonly mentions: readonly Mention[]
  readonly coauthors: readonly Person[]
  /** mentions that stand outside the last paragraph */
  readonly outside: number
  /** lines with a key of approval that name nobody */
  readonly empty: number
  /** what names the change across its commits: a Change-Id, the address of a pull request, `D12`, `#12` */
  readonly change: string | undefined
  /** who wrote it, where the message says so by login */
  readonly author?: Person | undefined
}

const changeKeys = ['change-id', 'pr-url', 'reviewed-on', 'differential revision', 'pull-request']

/**
 * A reader of messages, as byte texts, for these keys of approvals, in lower case and without the colon.
 * A message speaks of one change, but for merges of batches.
 */
export function messageReader(
  keys: readonly string[],
  styles: ReadonlySet<MessageStyle>,
): (message: string) => MessageFacts[] {
  const approvals = new Set(styles.has('trailers') ? keys : [])
  if (styles.has('phabricator')) approvals.add('reviewed by')
  const known = [...approvals, ...changeKeys, 'co-authored-by'].map((key) =>
    key.replaceAll(/[^\w -]/gu, (letter) => (isAscii(letter) ? `\\${letter}` : anyCase(letter))),
  )
  // At most four blanks in: what stands deeper is a quote of another message.
  const people = contactCache()
  const keyOf = keyCache()
  const line = new RegExp(`^[ \\t]{0,4}(${known.join('|')})[ \\t]*:[ \\t]*(.*)$`, 'gim')
  return (message) => {
    const bors = styles.has('bors') && borsStart.test(message) ? borsFacts(fromByteText(message)) : []
    return bors.length > 0 ? bors : [trailerFacts(message, { line, approvals, keyOf, people })]
  }
}

export const messageStyles = ['trailers', 'bors', 'phabricator', 'notes'] as const
export type MessageStyle = (typeof messageStyles)[number]

interface Trailers {
  readonly line: RegExp
  readonly approvals: ReadonlySet<string>
  /** a key as it is matched of one as it was written */
  readonly keyOf: (written: string) => string
  /** people of a value; the same objects for the same value */
  readonly people: (value: string) => readonly Person[]
}

/** Histories name the same people again and again. */
function contactCache(): Trailers['people'] {
  const known = new Map<string, readonly Person[]>()
  return (value) => {
    let found = known.get(value)
    if (found === undefined) {
      found = parseContacts(fromByteText(value).trim())
      known.set(copyByteText(value), found)
    }
    return found
  }
}

function keyCache(): Trailers['keyOf'] {
  const known = new Map<string, string>()
  return (written) => {
    let key = known.get(written)
    if (key === undefined) known.set(copyByteText(written), (key = fromByteText(written).toLowerCase()))
    return key
  }
}

/** A letter outside of ASCII, whose cases no expression knows as bytes. */
function anyCase(letter: string): string {
  return `(?:${toByteText(letter.toLowerCase())}|${toByteText(letter.toUpperCase())})`
}

function valueText(value: string): string {
  return (isAscii(value) ? value : fromByteText(value)).trim()
}

function trailerFacts(message: string, { line, approvals, keyOf, people: peopleOf }: Trailers): MessageFacts {
  const mentions: Mention[] = []
  const coauthors: Person[] = []
  const changes = new Map<string, string>()
  let [outside, empty, lastParagraph] = [0, 0, -1]
  line.lastIndex = 0
  for (let match = line.exec(message); match !== null; match = line.exec(message)) {
    const key = keyOf(match[1]!)
    const value = match[2]!
    if (key === 'co-authored-by') coauthors.push(...peopleOf(value))
    else if (!approvals.has(key)) changes.set(key, changes.get(key) ?? valueText(value))
    else {
      const people = peopleOf(value)
      if (people.length === 0) empty++
      if (lastParagraph < 0) lastParagraph = message.trimEnd().lastIndexOf('\n\n')
      if (match.index < lastParagraph) outside += people.length
      for (const approver of people) mentions.push({ approver, via: key })
    }
  }
  return { mentions, coauthors, outside, empty, change: changeOf(message, changes) }
}

function changeOf(message: string, found: ReadonlyMap<string, string>): string | undefined {
  const id = found.get('change-id')
  if (id !== undefined && /^I[0-9a-f]{8,40}$/i.test(id)) return id
  const revision = /\bD\d+\b/.exec(found.get('differential revision') ?? '')
  if (revision) return revision[0]
  for (const key of ['pr-url', 'pull-request', 'reviewed-on'])
    if (found.has(key)) return pullRequest(found.get(key)!) ?? found.get(key)!
  const squashed = /^[^\n]*\(#(\d+)\)[ \t]*(?:\n|$)/.exec(message)
  return squashed ? `#${squashed[1]}` : undefined
}

function pullRequest(url: string): string | undefined {
  const match = /\/pull\/(\d+)|^#?(\d+)$|\/merge_requests\/(\d+)/.exec(url)
  return match ? `#${match[1] ?? match[2] ?? match[3]}` : undefined
}

/** What decides whether a message is looked at as a whole. */
const borsStart = /^(?:auto merge|rollup merge|merge|try) /i

/**
 * Merges that a bot made at somebody's word: `Auto merge of #12 - author:branch, r=approver` (homu, bors; older ones write
 * `: author/repo/branch`), `Rollup merge of …`, and bors-ng's `12: title r=approver a=author` in the body.
 */
function borsFacts(message: string): MessageFacts[] {
  const homu = /^(?:auto|rollup) merge of #(\d+)\s*[-:]\s*([^\s:/,]+)\s*[:/][^\n]*?,\s*r=([^\n]*)/i.exec(
    message,
  )
  if (homu) return [borsFact(homu[1]!, homu[3]!, homu[2]!)]
  if (!/^(?:Merge|Try) #\d+/.test(message)) return []
  const lines = message.matchAll(/^(\d+): .* r=(\S+(?:,\s*\S+)*?) a=(\S+)[ \t]*$/gm)
  return [...lines].map((line) => borsFact(line[1]!, line[2]!, line[3]!))
}

function borsFact(number: string, approvers: string, author: string): MessageFacts {
  return {
    mentions: approversOf(approvers),
    change: `#${number}`,
    author: { login: author },
    coauthors: [],
    outside: 0,
    empty: 0,
  }
}

function approversOf(text: string): Mention[] {
  return text
    .split(/[\s,]+/)
    .map((word) => word.replaceAll(/^[@<[]+|[\]>.]+$/g, ''))
    .filter((word) => /^[\w][\w.-]*$/.test(word) && word !== 'try')
    .map((login) => ({ approver: { login }, via: 'bors' }))
}
