/**
 * Rows of events counted per pair of people and month, in the three ways there are:
 * `changes`: distinct changes of an author with at least one approval of a person, the honest number;
 * `reviews`: reviews whose state is approved now, one person approving one change three times being three;
 * `latest`: changes on which the last opinion of a person is an approval.
 */
import type { Collected } from '../collect.ts'
import { reviewStates, type Outcome } from '../event.ts'
import type { Identities } from '../identity/identities.ts'
import { monthOf } from '../view/months.ts'
import { newCellSums, type Cells, type CountMode } from './cells.ts'
import { rowFilter, type Dropped } from './row-filter.ts'
import { teamsOf } from './teams.ts'

export interface CountOptions {
  /** milliseconds since 1970 */
  readonly since?: number | undefined
  /** whether `since` itself is out, as in the original of `compat`; default: it is in */
  readonly isSinceStrict?: boolean | undefined
  /** whether rows without a date pass `since` and `until`; default: they do not */
  readonly keepsUndated?: boolean | undefined
  /** milliseconds since 1970, itself out */
  readonly until?: number | undefined
  /** default: all */
  readonly outcome?: Outcome | undefined
  /** default: they are left out */
  readonly includeBots?: boolean | undefined
  /** default: they are in, as one person called ghost */
  readonly excludeGhosts?: boolean | undefined
  /** approvals of one's own changes; default: they are left out */
  readonly includeSelf?: boolean | undefined
  /** default: people */
  readonly groupBy?: 'person' | 'team' | undefined
}

export interface Party {
  /** unique among all */
  readonly label: string
  readonly kind: 'person' | 'bot' | 'ghost' | 'team'
  /** where they belonged last, when somebody said so */
  readonly team?: string | undefined
}

export interface Counted {
  readonly parties: readonly Party[]
  readonly cells: Cells
  readonly totals: Readonly<Record<CountMode, number>>
  /** rows that were read, before any filter */
  readonly rows: number
  readonly dropped: readonly Dropped[]
  /** approvals of one's own changes, whether they are in or not */
  readonly selfApprovals: number
  /** those of them where the approver is a co-author only */
  readonly coauthorApprovals: number
  /** days of the first and the last approval counted, in milliseconds since 1970; nothing without dates */
  readonly range: { readonly from: number; readonly to: number } | undefined
  /** of changes whose opening is known: milliseconds until their first approval, median */
  readonly medianWaitMs: number | undefined
}

const approved = reviewStates.indexOf('approved')
const opinions = new Set(
  ['approved', 'changes_requested', 'dismissed'].map((state) => reviewStates.indexOf(state as 'approved')),
)

export function countApprovals(
  collected: Collected,
  identities: Identities,
  options: CountOptions = {},
): Counted {
  const { rows } = collected
  const filter = rowFilter(rows, identities, options)
  const teams = options.groupBy === 'team' ? teamsOf(identities) : undefined
  const parties: readonly Party[] = teams?.parties ?? identities.list.map(partyOf)
  const partyAt = (row: number, spelling: number): number => {
    const identity = identities.of[spelling]!
    return teams ? teams.of(identity, rows.at[row]!) : identity
  }
  const cells = newCellSums(parties.length)
  const put = (row: number, mode: CountMode, count: number): void => {
    const at = rows.at[row]!
    const month = Number.isNaN(at) ? -1 : monthOf(at)
    const [approver, author] = [partyAt(row, rows.approver[row]!), partyAt(row, rows.author[row]!)]
    cells.add({ approver, author, month }, mode, count)
  }
  const best = newBestRows(collected, identities)
  let [from, to] = [Infinity, -Infinity]
  for (let row = 0; row < rows.length; row++) {
    if (!filter.keeps(row)) continue
    const at = rows.at[row]!
    const isApproved = rows.state[row] === approved
    if ((isApproved || rows.was[row] === approved) && !Number.isNaN(at))
      [from, to] = [Math.min(from, at), Math.max(to, at)]
    if (isApproved) put(row, 'reviews', rows.count[row]!)
    if (rows.change[row]! >= 0) best.see(row)
    else if (isApproved) for (const mode of ['changes', 'latest'] as const) put(row, mode, rows.count[row]!)
  }
  for (const row of best.firsts()) put(row, 'changes', 1)
  for (const row of best.lasts()) if (rows.state[row] === approved) put(row, 'latest', 1)
  const sorted = cells.finish()
  const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0)
  return {
    parties,
    cells: sorted,
    totals: { changes: sum(sorted.changes), reviews: sum(sorted.reviews), latest: sum(sorted.latest) },
    rows: rows.length,
    dropped: filter.dropped(),
    selfApprovals: filter.selfApprovals(),
    coauthorApprovals: filter.coauthorApprovals(),
    range: from <= to ? { from, to } : undefined,
    medianWaitMs: median(best.firstsOfChanges().map((row) => rows.at[row]! - rows.opened[row]!)),
  }
}

function partyOf({ label, kind, known }: Identities['list'][number]): Party {
  return { label, kind, ...(known?.memberships[0] && { team: known.memberships[0].team }) }
}

interface BestRows {
  readonly see: (row: number) => void
  /** the first approval of each person on each change of each author */
  readonly firsts: () => Iterable<number>
  /** the last opinion of each */
  readonly lasts: () => Iterable<number>
  /** the first approval by anybody, of changes whose opening is known */
  readonly firstsOfChanges: () => number[]
}

function newBestRows({ rows, changes }: Collected, identities: Identities): BestRows {
  // Where nobody ever took an approval back, the first one tells as much as the last.
  const hasOthers = rows.state
    .subarray(0, rows.length)
    .some((state) => state !== approved && opinions.has(state))
  const [firsts, lasts, firstsOfChanges] = [
    new Map<number, number>(),
    new Map<number, number>(),
    new Map<number, number>(),
  ]
  // One number per person, author and change: these maps hold a million of them.
  const pairs = new Map<number, number>()
  const keyOf = (row: number): number => {
    const pair =
      identities.of[rows.approver[row]!]! * identities.list.length + identities.of[rows.author[row]!]!
    let index = pairs.get(pair)
    if (index === undefined) pairs.set(pair, (index = pairs.size))
    return index * changes + rows.change[row]!
  }
  const isEarlier = (row: number, other: number) => rows.at[row]! < rows.at[other]!
  return {
    see(row) {
      const key = keyOf(row)
      const wasApproved = rows.state[row] === approved || rows.was[row] === approved
      if (wasApproved) keepBest(firsts, key, row, isEarlier)
      if (hasOthers && opinions.has(rows.state[row]!))
        keepBest(lasts, key, row, (one, other) => !isEarlier(one, other))
      if (wasApproved && !Number.isNaN(rows.opened[row]!))
        keepBest(firstsOfChanges, rows.change[row]!, row, isEarlier)
    },
    firsts: () => firsts.values(),
    lasts: () => (hasOthers ? lasts : firsts).values(),
    firstsOfChanges: () => [...firstsOfChanges.values()],
  }
}

function keepBest(
  map: Map<number, number>,
  key: number,
  row: number,
  isBetter: (row: number, other: number) => boolean,
): void {
  const other = map.get(key)
  if (other === undefined || isBetter(row, other)) map.set(key, row)
}

function median(values: readonly number[]): number | undefined {
  const sorted = values.filter((value) => value >= 0).toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  if (sorted.length === 0) return undefined
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1]! + sorted[middle]!) / 2
}
