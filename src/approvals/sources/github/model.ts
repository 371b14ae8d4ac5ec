/** Pull requests and reviews of GitHub as events, whichever of its APIs they came by. */
import type { ApprovalEvent, Outcome, Person, ReviewState } from '../../event.ts'
import type { StoredChange } from '../change-store.ts'

/** An account; nothing when it is gone. */
export interface Actor {
  /** numeric, survives renames */
  readonly id: number | undefined
  readonly login: string
  /** `User`, `Bot`, `Mannequin`, `Organization`, `EnterpriseUserAccount` */
  readonly type: string
}

export interface Review {
  readonly id: string
  readonly state: string
  /** what a dismissed one was before, where that is known */
  readonly was?: string | undefined
  readonly submitted: string | null
  readonly author: Actor | null
}

export interface PullRequest {
  readonly number: number
  readonly created: string
  readonly updated: string
  readonly outcome: Outcome
  readonly author: Actor | null
  readonly reviews: readonly Review[]
}

const types = new Map<string, Person['type']>([
  ['user', 'user'],
  ['enterpriseuseraccount', 'user'],
  ['bot', 'bot'],
  ['mannequin', 'mannequin'],
  ['organization', 'organization'],
])

/** Ids are those of one host: two servers number their people alike. */
export function personOf(actor: Actor | null, host: string): Person | null {
  if (actor === null) return null
  const { id, login } = actor
  const type = login.endsWith('[bot]') ? 'bot' : types.get(actor.type.toLowerCase())
  const scope = host === 'github.com' ? 'github' : host
  return { ...(id !== undefined && { id: `${scope}:${id}` }), login, ...(type !== undefined && { type }) }
}

const states = new Set<string>(['approved', 'changes_requested', 'commented', 'dismissed', 'pending'])

/** `APPROVED` of the APIs and `approved` of webhooks are one. */
export function stateOf(text: string): ReviewState | undefined {
  const state = text.toLowerCase()
  return states.has(state) ? (state as ReviewState) : undefined
}

export function changeOf(repo: string, host: string, pull: PullRequest): StoredChange {
  const change = `#${pull.number}`
  const author = personOf(pull.author, host)
  const events = pull.reviews.flatMap((review): ApprovalEvent[] => {
    const state = stateOf(review.state)
    // One that is pending is seen by its writer alone, and has no date.
    if (state === undefined || state === 'pending' || review.submitted === null) return []
    const was = review.was === undefined ? undefined : stateOf(review.was)
    return [
      {
        kind: 'approval',
        source: 'github',
        repo,
        change,
        review: review.id,
        author,
        approver: personOf(review.author, host),
        at: review.submitted,
        state,
        ...(was !== undefined && { was }),
        outcome: pull.outcome,
        opened: pull.created,
      },
    ]
  })
  return {
    change,
    events: events.toSorted((a, b) =>
      a.at! < b.at! ? -1 : a.at! > b.at! ? 1 : Number(a.review) - Number(b.review),
    ),
  }
}

/** What is said of an answer that no schema fits. */
export const unknownShape = 'GitHub answers in a shape that we do not know'
