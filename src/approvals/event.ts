/**
 * The record that all sources write and everything else reads: one line of JSON per opinion of one person on one
 * change, between a line that names its source and a line that says how the source ended (docs/approvals.md, "Events").
 */

/** Opinions on a change. A dismissed one is what became of another; a comment is no opinion. */
export const reviewStates = ['approved', 'changes_requested', 'commented', 'dismissed', 'pending'] as const
export type ReviewState = (typeof reviewStates)[number]

export const outcomes = ['merged', 'open', 'closed'] as const
/** What became of a change; `closed` is without a merge. */
export type Outcome = (typeof outcomes)[number]

export const personTypes = ['user', 'bot', 'mannequin', 'organization'] as const

/** Somebody as one source knows them. An id of the source's own outlives names and logins. */
export interface Person {
  /** stable within its host, such as `github:583231` */
  readonly id?: string | undefined
  readonly login?: string | undefined
  readonly name?: string | undefined
  readonly email?: string | undefined
  readonly type?: (typeof personTypes)[number] | undefined
}

export interface ApprovalEvent {
  readonly kind: 'approval'
  /** `git`, `github`, `gerrit`, `gitlab`, `gharchive` or `rows` */
  readonly source: string
  readonly repo: string
  /** names the change within its repository: `#12`, a Change-Id, a commit; absent for rows that were counted before */
  readonly change?: string | undefined
  /** names the review within its repository */
  readonly review?: string | undefined
  /** nobody, when the account is gone */
  readonly author: Person | null
  readonly approver: Person | null
  /** ISO 8601 in UTC; absent for rows that were counted before */
  readonly at?: string | undefined
  readonly state: ReviewState
  /** of a dismissed review: what it was before */
  readonly was?: ReviewState | undefined
  readonly outcome?: Outcome | undefined
  /** when the change was opened, ISO 8601 in UTC */
  readonly opened?: string | undefined
  /** the approver has written a part of the change too */
  readonly coauthor?: boolean | undefined
  /** approvals that this line stands for, default 1 */
  readonly count?: number | undefined
  /** the words of the source that it was read from: `reviewed-by`, `bors`, `code-review+2` */
  readonly via?: string | undefined
}

/** Opens the events of one source. */
export interface SourceRecord {
  readonly kind: 'source'
  readonly version: 1
  readonly source: string
  readonly repos: readonly string[]
  /** further facts for people: the branch and its commit, the address of a server */
  readonly detail?: Readonly<Record<string, string>> | undefined
}

/** Closes the events of one source; without it they are not all. */
export interface EndRecord {
  readonly kind: 'end'
  readonly events: number
  /** why events of the source are missing, one sentence each; none: it is whole */
  readonly partial: readonly string[]
  /** what was looked at and what was found, by name */
  readonly coverage: Readonly<Record<string, number>>
  /** what people should know beside */
  readonly notes?: readonly string[] | undefined
}

export type EventRecord = SourceRecord | ApprovalEvent | EndRecord

export const eventVersion = 1
