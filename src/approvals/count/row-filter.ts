/** Which rows count at all; every row that does not is counted under the first reason why. */
import { outcomeAt, stateAt, type Rows } from '../collect.ts'
import type { Identities } from '../identity/identities.ts'
import type { CountOptions } from './count.ts'

export interface Dropped {
  /** for people: `before 2020-01-01`, `bots`, `state commented` */
  readonly reason: string
  readonly rows: number
}

export interface RowFilter {
  readonly keeps: (row: number) => boolean
  readonly dropped: () => Dropped[]
  readonly selfApprovals: () => number
  readonly coauthorApprovals: () => number
}

export function rowFilter(rows: Rows, identities: Identities, options: CountOptions): RowFilter {
  const dropped = new Map<string, number>()
  let [own, coauthored] = [0, 0]
  const why = (row: number): string | undefined => {
    const state = stateAt(rows.state[row]!)
    if (state === 'pending') return 'state pending'
    const late = whenOut(rows.at[row]!, options)
    if (late !== undefined) return late
    if (options.outcome !== undefined && outcomeAt(rows.outcome[row]!) !== options.outcome)
      return `not ${options.outcome}`
    const [approver, author] = [identities.of[rows.approver[row]!]!, identities.of[rows.author[row]!]!]
    const kinds = [identities.list[approver]!.kind, identities.list[author]!.kind]
    if (!options.includeBots && kinds.includes('bot')) return 'bots'
    if (options.excludeGhosts && kinds.includes('ghost')) return 'ghosts'
    // Two who are gone need not be one.
    const isSelf = (approver === author && kinds[0] !== 'ghost') || rows.coauthor[row] === 1
    if (isSelf) {
      if (state === 'approved') own += rows.count[row]!
      if (state === 'approved' && approver !== author) coauthored += rows.count[row]!
      if (!options.includeSelf) return 'own changes'
    }
    // What is no approval counts for nobody, but a later opinion takes an approval back.
    return state === 'commented' ? 'state commented' : undefined
  }
  return {
    keeps(row) {
      const reason = why(row)
      if (reason === undefined) return true
      dropped.set(reason, (dropped.get(reason) ?? 0) + rows.count[row]!)
      return false
    },
    dropped: () => [...dropped].map(([reason, count]) => ({ reason, rows: count })),
    selfApprovals: () => own,
    coauthorApprovals: () => coauthored,
  }
}

function whenOut(
  at: number,
  { since, isSinceStrict, until, keepsUndated }: CountOptions,
): string | undefined {
  if (since === undefined && until === undefined) return undefined
  if (Number.isNaN(at)) return keepsUndated ? undefined : 'no date'
  if (since !== undefined && (at < since || (isSinceStrict && at === since))) return 'before the range'
  return until !== undefined && at >= until ? 'after the range' : undefined
}
