/** The approvals that the history of a git repository carries, as events. */
import type { Waiting } from '../../../base/index.ts'
import { timeFormat, type TimeFormat } from '../../dates.ts'
import type { ApprovalEvent, EventRecord, Person } from '../../event.ts'
import { readLog, type Commit } from './log.ts'
import { openMailmap, type Mailmap } from './mailmap.ts'
import {
  messageReader,
  messageStyles,
  type Mention,
  type MessageFacts,
  type MessageStyle,
} from './message.ts'
import { openHistory, type History } from './repository.ts'
import { parseVotes, type Vote } from './review-notes.ts'

export interface GitSourceOptions extends Waiting {
  /** branch, tag or commit; default: what is checked out */
  readonly ref?: string | undefined
  /** what the repository is called; default: by where it was cloned from */
  readonly name?: string | undefined
  /** keys of trailers that approve; default: Reviewed-by and Approved-by */
  readonly keys?: readonly string[] | undefined
  /** ways of writing an approval; default: all */
  readonly styles?: readonly MessageStyle[] | undefined
  /** every branch, each change once; default: one branch */
  readonly allBranches?: boolean | undefined
}

export const defaultKeys: readonly string[] = ['reviewed-by', 'approved-by']

/** @throws Failure APPROVALS_SOURCE | USAGE */
export async function* readGit(path: string, options: GitSourceOptions = {}): AsyncGenerator<EventRecord[]> {
  const history = await openHistory(path, options)
  const keys = (options.keys ?? defaultKeys).map((key) => key.toLowerCase())
  const styles = new Set<MessageStyle>(options.styles ?? messageStyles)
  const used = styles.has('notes') ? history : { ...history, reviewNotes: undefined }
  yield [
    {
      kind: 'source',
      version: 1,
      source: 'git',
      repos: [history.name],
      detail: {
        ref: options.allBranches ? 'all branches' : history.ref,
        ...(history.commit !== undefined && { commit: history.commit }),
        keys: keys.join(', '),
      },
    },
  ]
  const count = { commits: 0, withApproval: 0, events: 0, outsideTrailers: 0, empty: 0, backports: 0 }
  const read = messageReader(keys, styles)
  const mailmap = openMailmap(history, options)
  const { resolve } = mailmap
  const timeOf = timeFormat()
  const seen = options.allBranches ? new Set<string>() : undefined
  let oldest = Infinity
  const eventsOfCommits = async (commits: readonly Commit[]): Promise<ApprovalEvent[]> => {
    const approved: Found[] = []
    const people = new Set<Person>()
    for (const commit of commits) {
      oldest = Math.min(oldest, commit.committed)
      for (const facts of read(commit.message)) {
        count.outsideTrailers += facts.outside
        count.empty += facts.empty
        const opinions = opinionsOf(commit, facts)
        if (opinions.length === 0) continue
        approved.push({ commit, facts, opinions })
        for (const { approver } of opinions) people.add(approver)
        for (const person of facts.coauthors) people.add(person)
      }
    }
    await mailmap.learn(people)
    const events: ApprovalEvent[] = []
    for (const each of approved) {
      for (const event of eventsOf(each, history, { resolve, timeOf })) {
        if (seen && isSeen(seen, event, each)) count.backports++
        else events.push(event)
      }
    }
    count.commits += commits.length
    count.withApproval += approved.length
    count.events += events.length
    return events
  }
  try {
    for await (const commits of readLog(used, options)) {
      const events = await eventsOfCommits(commits)
      if (events.length > 0) yield events
    }
    await mailmap.close()
  } finally {
    mailmap.stop()
  }
  const { events, ...coverage } = count
  yield [
    {
      kind: 'end',
      events,
      partial: partialOf(history, oldest),
      coverage: { ...coverage, mapped: mailmap.mapped() },
      notes: notesOf(history, count),
    },
  ]
}

interface Found {
  readonly commit: Commit
  readonly facts: MessageFacts
  readonly opinions: readonly Opinion[]
}

/** A mention approves, a vote says what it does. */
type Opinion = Mention & Partial<Vote>

/** Trailers are no votes: where the votes themselves are known they count alone. */
function opinionsOf(commit: Commit, facts: MessageFacts): readonly Opinion[] {
  const votes = commit.notes === '' ? [] : parseVotes(commit.notes)
  return votes.length > 0 ? votes : facts.mentions
}

/** Events of one change, one for each person: a key that is written twice is one approval. */
function eventsOf(
  { commit, facts, opinions }: Found,
  history: History,
  { resolve, timeOf }: { resolve: Mailmap['resolve']; timeOf: TimeFormat },
): ApprovalEvent[] {
  const author = facts.author ?? commit.author
  const coauthors = facts.coauthors.map((person) => keyOf(resolve(person)))
  const at = timeOf(commit.committed)
  const events: ApprovalEvent[] = []
  const keys: string[] = []
  for (const { approver, via, state = 'approved' } of opinions) {
    const person = resolve(approver)
    const key = keyOf(person)
    if (keys.includes(key)) continue
    keys.push(key)
    const event: ApprovalEvent = {
      kind: 'approval',
      source: 'git',
      repo: history.name,
      change: facts.change ?? commit.id,
      review: commit.id,
      author,
      approver: person,
      at,
      state,
      outcome: 'merged',
      via,
    }
    events.push(coauthors.includes(key) ? { ...event, coauthor: true } : event)
  }
  return events
}

function keyOf({ email, login, name }: Person): string {
  return (email ?? login ?? name ?? '').toLowerCase()
}

/** A change on several branches: by what names it, else by its author, the moment they wrote it and its title. */
function isSeen(seen: Set<string>, event: ApprovalEvent, { commit, facts }: Found): boolean {
  const title = commit.message.split('\n', 1)[0]!
  const change = facts.change ?? `${commit.author.email}\0${commit.authored}\0${title}`
  const key = `${change}\0${keyOf(event.approver!)}\0${facts.change === undefined ? '' : keyOf(event.author!)}`
  if (seen.has(key)) return true
  seen.add(key)
  return false
}

function partialOf(history: History, oldest: number): string[] {
  if (!history.isShallow) return []
  const day = Number.isFinite(oldest)
    ? new Date(oldest * 1000).toISOString().slice(0, 10)
    : 'its only commits'
  return [
    `${history.name} is a shallow clone: what is older than ${day} is missing (git fetch --unshallow brings it)`,
  ]
}

function notesOf(history: History, count: { commits: number; events: number; empty: number }): string[] {
  if (history.commit === undefined) return [`${history.name} has no commits yet`]
  const notes: string[] = []
  if (count.events === 0)
    notes.push(`none of the ${count.commits} commits of ${history.name} names who approved it`)
  if (count.empty > 0)
    notes.push(`${count.empty} lines in ${history.name} have a key of approval and name nobody`)
  return notes
}
