/** What every output says of itself: where it comes from, what was counted and how, what is missing. */
import type { CollectedSource } from './collect.ts'
import type { CountMode } from './count/cells.ts'
import type { Counted, CountOptions } from './count/count.ts'
import { grouped, percent } from './render/markup.ts'
import type { ArcSize } from './view/chord-layout.ts'
import { metricsOf, type Metrics } from './view/metrics.ts'
import { formatDay } from './view/months.ts'
import { sumPairs, type Coverage, type View, type ViewOptions } from './view/view.ts'

export interface Facts {
  readonly title: string
  /** `libuv/libuv, git refs/heads/v1.x at 6179e7af8741` */
  readonly sources: readonly string[]
  /** `2014-12-08 to 2026-08-20`, or that there are no dates */
  readonly range: string
  readonly mode: CountMode
  /** what one of the numbers is */
  readonly counted: string
  /** which approvals count, in words */
  readonly filters: readonly string[]
  /** which of them are shown, in words */
  readonly shows: readonly string[]
  readonly coverage: string
  readonly totals: Readonly<Record<CountMode, number>>
  readonly rows: number
  readonly dropped: readonly { readonly reason: string; readonly rows: number }[]
  readonly selfApprovals: number
  readonly metrics: Metrics
  readonly medianWaitMs: number | undefined
  /** why approvals are missing; none: the data is whole */
  readonly partial: readonly string[]
  readonly notes: readonly string[]
  /** how to read a pair, by an example from the picture */
  readonly reading: string
  readonly limits: string
}

export interface FactsInput {
  readonly sources: readonly CollectedSource[]
  readonly counted: Counted
  readonly view: View
  readonly mode: CountMode
  readonly countOptions: CountOptions
  readonly viewOptions: ViewOptions
  readonly arcs: ArcSize
}

export const modeSentences: Readonly<Record<CountMode, string>> = {
  changes: 'changes with at least one approval of that person',
  reviews: 'approving reviews, one change several times when it was approved several times',
  latest: 'changes on which the last opinion of that person is an approval',
}

export const limitsSentence =
  'Counts of approvals are no measure of work: comments, pairing, design and the size of changes are not in them.'

export function factsOf(input: FactsInput): Facts {
  const { sources, counted, view, mode } = input
  const cells = { ...counted.cells, count: counted.cells[mode] }
  return {
    title: 'Who approves whose changes',
    sources: sources.map(describeSource),
    range: counted.range ? `${formatDay(counted.range.from)} to ${formatDay(counted.range.to)}` : 'no dates',
    mode,
    counted: modeSentences[mode],
    filters: describeFilters(input.countOptions),
    shows: describeShown(input.viewOptions),
    coverage: describeCoverage(view.coverage),
    totals: counted.totals,
    rows: counted.rows,
    dropped: counted.dropped,
    selfApprovals: counted.selfApprovals,
    metrics: metricsOf(sumPairs(cells, counted.parties.length)),
    medianWaitMs: counted.medianWaitMs,
    partial: sources.flatMap(({ partial }) => partial),
    notes: sources.flatMap(({ notes }) => notes),
    reading: describeReading(view),
    limits: limitsSentence,
  }
}

function describeSource({ source, repos, detail }: CollectedSource): string {
  const { ref, commit, server } = detail
  const at = [
    ref?.replace(/^refs\/(?:heads|tags|remotes)\//, ''),
    commit && `at ${commit.slice(0, 12)}`,
    server,
  ]
  const names =
    repos.length > 5 ? `${repos.slice(0, 5).join(', ')} and ${repos.length - 5} more` : repos.join(', ')
  return [`${names}${names === '' ? '' : ','} ${source}`, ...at]
    .filter((part) => part !== undefined && part !== '')
    .join(' ')
    .trim()
}

function describeFilters(countOptions: CountOptions): string[] {
  const { since, isSinceStrict, until, outcome, includeBots, excludeGhosts, includeSelf, groupBy } =
    countOptions
  const strict = isSinceStrict ? 'after' : 'since'
  return [
    since !== undefined && `${strict} ${formatTime(since)}`,
    until !== undefined && `before ${formatTime(until)}`,
    outcome !== undefined && `${outcome} changes only`,
    includeBots ? 'bots included' : 'without bots',
    excludeGhosts && 'without accounts that are gone',
    includeSelf ? 'own changes included' : 'without own changes',
    groupBy === 'team' && 'by team',
  ].filter((text) => typeof text === 'string')
}

export function describeShown({ min = 1, minPer = 'pair' }: ViewOptions): string[] {
  if (min <= 1) return []
  return [`pairs of at least ${min} ${minPer === 'pair' ? 'in both directions together' : 'in a direction'}`]
}

function formatTime(time: number): string {
  const text = new Date(time).toISOString()
  return text.endsWith('T00:00:00.000Z') ? text.slice(0, 10) : text.replace('.000Z', 'Z')
}

export function describeCoverage(coverage: Coverage): string {
  const { total, shown, belowMin, amongOthers, beyondTop, named, parties } = coverage
  if (total === 0) return 'there are no approvals to show'
  const missing = [
    belowMin > 0 && `${grouped(belowMin)} are of pairs with too few`,
    amongOthers > 0 && `${grouped(amongOthers)} are among the others`,
    beyondTop > 0 && `${grouped(beyondTop)} are of people beyond the first ${named}`,
  ].filter((text) => typeof text === 'string')
  const shows = `shows ${grouped(shown)} of ${grouped(total)} approvals (${percent(shown, total)}), ${grouped(named)} of ${grouped(parties)} by name`
  return missing.length === 0 ? shows : `${shows}; not shown: ${missing.join(', ')}`
}

/** The sentence of the original chart, about the pair that weighs most. */
export function describeReading({ nodes, pairs }: Pick<View, 'nodes' | 'pairs'>): string {
  const approved = new Map(pairs.map((pair) => [`${pair.approver} ${pair.author}`, pair.approved]))
  const weight = (one: number, other: number) =>
    (approved.get(`${one} ${other}`) ?? 0) + (approved.get(`${other} ${one}`) ?? 0)
  let best: [number, number] | undefined
  for (const { approver, author } of pairs) {
    if (approver === author || nodes[approver]!.party < 0 || nodes[author]!.party < 0) continue
    const [one, other] = [Math.min(approver, author), Math.max(approver, author)]
    if (!best || weight(one, other) > weight(...best)) best = [one, other]
  }
  if (!best) return 'A 100 <-> B 50: B approved 100 of the changes of A, A approved 50 of those of B.'
  const [a, b] = best
  const [name, other] = [nodes[a]!.label, nodes[b]!.label]
  const [received, given] = [approved.get(`${b} ${a}`) ?? 0, approved.get(`${a} ${b}`) ?? 0]
  return `${name} ${grouped(received)} <-> ${other} ${grouped(given)}: ${other} approved ${grouped(received)} of the changes of ${name}, ${name} approved ${grouped(given)} of those of ${other}.`
}

/** One line each, for captions; `reading` may stand elsewhere. */
export function captionLines(facts: Facts, { hasReading = true } = {}): string[] {
  const { metrics, totals } = facts
  const half =
    metrics.approvers > 0
      ? `; half of all is given by ${grouped(metrics.halfGivenBy)} of ${grouped(metrics.approvers)} approvers`
      : ''
  return [
    `${facts.sources.join('; ') || 'no source'} · ${facts.range}`,
    `Counted: ${facts.counted}; ${[...facts.filters, ...facts.shows].join(', ')}.`,
    `Coverage: ${facts.coverage}.`,
    `Approvals in all: ${grouped(totals.changes)} by changes, ${grouped(totals.reviews)} by reviews, ${grouped(totals.latest)} by latest opinion; ${grouped(facts.selfApprovals)} of own changes${half}.`,
    ...(hasReading ? [facts.reading] : []),
    facts.limits,
  ]
}
