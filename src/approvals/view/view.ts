/**
 * What of the counts is to be seen: pairs of enough weight between those who have most, the others as one party.
 * Runs in pages too, so it stands on nothing but the language.
 */

/** Counts per pair and month, or per pair when there is one month. */
export interface ViewCells {
  readonly length: number
  readonly approver: ArrayLike<number>
  readonly author: ArrayLike<number>
  readonly month: ArrayLike<number>
  readonly count: ArrayLike<number>
}

export interface ViewOptions {
  /** first and last month that count, both in; rows without a date count when neither is given */
  readonly from?: number | undefined
  readonly to?: number | undefined
  /** least weight of a pair, default 1 */
  readonly min?: number | undefined
  /** whether the weight of a pair is that of both directions together or each stands alone; default: together */
  readonly minPer?: 'pair' | 'direction' | undefined
  /** so many parties at most, default 40 */
  readonly top?: number | undefined
  /** the place of each party around the circle; default: by weight, so that places change with what is shown */
  readonly ranks?: ArrayLike<number> | undefined
  /** whether those beyond `top` are one more party; default true */
  readonly hasOthers?: boolean | undefined
}

export interface ViewNode {
  readonly label: string
  /** index of a party; -1 for the others */
  readonly party: number
  /** parties it stands for */
  readonly size: number
  /** approvals it gave, and approvals its changes received, among what is shown */
  readonly given: number
  readonly received: number
}

/** `approved` is how many changes of `author` `approver` approved; both are indexes of nodes. */
export interface ViewPair {
  readonly approver: number
  readonly author: number
  readonly approved: number
}

/** A directed pair in range, with what went the other way. */
export interface SummedPair extends ViewPair {
  readonly returned: number
}

export interface View {
  /** by weight, the heaviest first, ties by label; the others last */
  readonly nodes: readonly ViewNode[]
  /** directed, of weight above 0, sorted by approver and author */
  readonly pairs: readonly ViewPair[]
  readonly coverage: Coverage
}

export interface Coverage {
  /** approvals in range */
  readonly total: number
  /** approvals that are shown */
  readonly shown: number
  /** approvals of pairs that weigh too little */
  readonly belowMin: number
  /** approvals among the others, which are told as a number and never drawn */
  readonly amongOthers: number
  /** approvals of which one end or both are beyond `top`, when there is no party of others */
  readonly beyondTop: number
  /** parties in range, and those shown under their own names */
  readonly parties: number
  readonly named: number
}

export const defaultTop = 40

export function viewOf(cells: ViewCells, labels: readonly string[], options: ViewOptions = {}): View {
  return viewOfPairs(sumPairs(cells, labels.length, options), labels, options)
}

/** The same of pairs that were summed already, for pages, whose thresholds change more often than their range. */
export function viewOfPairs(
  all: readonly SummedPair[],
  labels: readonly string[],
  options: ViewOptions = {},
): View {
  const { hasOthers = true } = options
  const { kept, belowMin, total, parties } = heavyPairs(all, options)
  const named = heaviest(kept, labels, options)
  const place = new Map(named.map((party, index) => [party, index] as const))
  const outside = new Set(
    kept.flatMap(({ approver, author }) => [approver, author]).filter((party) => !place.has(party)),
  )
  const others = hasOthers && outside.size > 0 ? named.length : -1
  const matrix = new Map<number, number>()
  let [amongOthers, beyondTop] = [0, 0]
  for (const { approver, author, approved } of kept) {
    const [from, to] = [place.get(approver) ?? others, place.get(author) ?? others]
    if (from < 0 || to < 0) beyondTop += approved
    else if (from === others && to === others) amongOthers += approved
    else
      matrix.set(from * (named.length + 1) + to, (matrix.get(from * (named.length + 1) + to) ?? 0) + approved)
  }
  const pairs = [...matrix.keys()]
    .toSorted((a, b) => a - b)
    .map((key) => ({
      approver: Math.floor(key / (named.length + 1)),
      author: key % (named.length + 1),
      approved: matrix.get(key)!,
    }))
  const drawn = dropEmpty(nodesOf(named, outside.size, others, labels), pairs)
  return {
    ...drawn,
    coverage: {
      total,
      shown: total - belowMin - amongOthers - beyondTop,
      belowMin,
      amongOthers,
      beyondTop,
      parties,
      named: drawn.nodes.filter(({ party }) => party >= 0).length,
    },
  }
}

/** Directed pairs of parties with what they weigh in range. */
export function sumPairs(
  cells: ViewCells,
  parties: number,
  { from = -Infinity, to = Infinity }: Pick<ViewOptions, 'from' | 'to'> = {},
): SummedPair[] {
  const pairs: { approver: number; author: number; approved: number; returned: number }[] = []
  const places = new Map<number, number>()
  let [lastKey, lastPlace] = [-1, -1]
  for (let index = 0; index < cells.length; index++) {
    const month = cells.month[index]!
    const count = cells.count[index]!
    if (count === 0 || (month < 0 ? from !== -Infinity || to !== Infinity : month < from || month > to))
      continue
    const [approver, author] = [cells.approver[index]!, cells.author[index]!]
    const key = approver * parties + author
    // Months of a pair mostly follow each other.
    if (key !== lastKey) {
      lastKey = key
      lastPlace = places.get(key) ?? pairs.push({ approver, author, approved: 0, returned: 0 }) - 1
      places.set(key, lastPlace)
    }
    pairs[lastPlace]!.approved += count
  }
  for (const pair of pairs) {
    const other =
      pair.approver === pair.author ? undefined : places.get(pair.author * parties + pair.approver)
    if (other !== undefined) pair.returned = pairs[other]!.approved
  }
  return pairs
}

function heavyPairs(
  all: readonly SummedPair[],
  { min = 1, minPer = 'pair' }: ViewOptions,
): { kept: SummedPair[]; belowMin: number; total: number; parties: number } {
  let [belowMin, total] = [0, 0]
  const seen = new Set<number>()
  const kept = all.filter(({ approver, author, approved, returned }) => {
    total += approved
    seen.add(approver).add(author)
    if (approved + (minPer === 'pair' ? returned : 0) >= min) return true
    belowMin += approved
    return false
  })
  return { kept, belowMin, total, parties: seen.size }
}

function heaviest(
  pairs: readonly ViewPair[],
  labels: readonly string[],
  { top = defaultTop, ranks }: ViewOptions,
): number[] {
  const weights = new Map<number, number>()
  for (const { approver, author, approved } of pairs) {
    weights.set(approver, (weights.get(approver) ?? 0) + approved)
    if (author !== approver) weights.set(author, (weights.get(author) ?? 0) + approved)
  }
  const parties = [...weights]
    .toSorted(([a, weightA], [b, weightB]) => weightB - weightA || compareText(labels[a]!, labels[b]!))
    .slice(0, top)
    .map(([party]) => party)
  return ranks ? parties.toSorted((a, b) => ranks[a]! - ranks[b]!) : parties
}

function nodesOf(
  named: readonly number[],
  size: number,
  others: number,
  labels: readonly string[],
): ViewNode[] {
  const nodes = named.map((party) => ({ label: labels[party]!, party, size: 1, given: 0, received: 0 }))
  const rest = { label: `others (${size} more)`, party: -1, size, given: 0, received: 0 }
  return others < 0 ? nodes : [...nodes, rest]
}

/** Fills in what nodes gave and received, and leaves out those that have neither. */
function dropEmpty(nodes: readonly ViewNode[], pairs: readonly ViewPair[]): Pick<View, 'nodes' | 'pairs'> {
  const given = new Float64Array(nodes.length)
  const received = new Float64Array(nodes.length)
  for (const { approver, author, approved } of pairs) {
    given[approver]! += approved
    received[author]! += approved
  }
  const kept = nodes.flatMap((node, index) =>
    given[index]! + received[index]! > 0
      ? [{ index, node: { ...node, given: given[index]!, received: received[index]! } }]
      : [],
  )
  const place = new Map(kept.map(({ index }, after) => [index, after] as const))
  return {
    nodes: kept.map(({ node }) => node),
    pairs: pairs.map((pair) => ({
      ...pair,
      approver: place.get(pair.approver)!,
      author: place.get(pair.author)!,
    })),
  }
}

/** The order of code points, which is that of no language and the same on every machine. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
