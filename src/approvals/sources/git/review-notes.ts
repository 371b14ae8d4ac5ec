/** Votes that Gerrit writes into `refs/notes/review`, where trailers show all positive ones alike. */
import type { Person, ReviewState } from '../../event.ts'
import { parseContacts } from './contact.ts'

export interface Vote {
  readonly approver: Person
  readonly state: ReviewState
  readonly via: string
}

/** Votes on Code-Review; none when the note has none, as of commits that were pushed past review. */
export function parseVotes(note: string): Vote[] {
  const votes: Vote[] = []
  for (const [, score, value] of note.matchAll(/^Code-Review([+-]\d): (.*)$/gm)) {
    for (const approver of parseContacts(value!))
      votes.push({ approver, state: stateOfScore(Number(score)), via: `code-review${score}` })
  }
  return votes
}

/** +2 approves; +1 is "looks good to me, but someone else must approve". */
export function stateOfScore(score: number): ReviewState {
  if (score >= 2) return 'approved'
  return score < 0 ? 'changes_requested' : 'commented'
}
