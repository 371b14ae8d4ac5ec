/** The view that the controls ask for, and the facts about it. */
import { describeCoverage, describeReading, describeShown, modeSentences, type Facts } from '../../facts.ts'
import type { CountMode } from '../../count/cells.ts'
import type { ArcSize } from '../../view/chord-layout.ts'
import { huesOf } from '../../view/hues.ts'
import { metricsOf, type Metrics } from '../../view/metrics.ts'
import { formatMonth } from '../../view/months.ts'
import { sumPairs, viewOfPairs, type SummedPair, type View } from '../../view/view.ts'
import type { ViewKind } from '../drawing.ts'
import { hueCount } from '../theme.ts'
import type { Loaded } from './data.ts'

export interface Choices {
  readonly kind: ViewKind
  readonly mode: CountMode
  readonly arcs: ArcSize
  readonly min: number
  readonly minPer: 'pair' | 'direction'
  readonly top: number
  readonly hasOthers: boolean
  /** months, both in; nothing: all, rows without a date too */
  readonly from: number | undefined
  readonly to: number | undefined
}

export interface Model {
  readonly viewOf: (choices: Choices) => View
  readonly factsOf: (choices: Choices, view: View) => Facts
  /** hues by node; somebody keeps theirs whatever is shown */
  readonly huesOf: (view: View) => (number | undefined)[]
  /** thresholds worth asking for, ascending */
  readonly thresholds: readonly number[]
}

export function newModel({ data, cells }: Loaded): Model {
  const { labels, teams, facts } = data
  let last: { key: string; pairs: readonly SummedPair[]; metrics: Metrics } | undefined
  /** What a threshold leaves as it is. */
  const summed = (mode: CountMode, from?: number, to?: number) => {
    const key = `${mode} ${from} ${to}`
    if (last?.key !== key) {
      const pairs = sumPairs({ ...cells, count: cells[mode] }, labels.length, { from, to })
      last = { key, pairs, metrics: metricsOf(pairs) }
    }
    return last
  }
  const all = summed(data.start.mode).pairs
  const everybody = viewOfPairs(all, labels, { top: Infinity }).nodes
  const ranks = new Float64Array(labels.length).fill(labels.length)
  for (const [rank, { party }] of everybody.entries()) if (party >= 0) ranks[party] = rank
  const hues = huesOf(everybody, (party) => teams?.[party] ?? undefined, hueCount)
  return {
    viewOf: (choices) =>
      viewOfPairs(summed(choices.mode, choices.from, choices.to).pairs, labels, { ...choices, ranks }),
    factsOf: (choices, view) => ({
      ...facts,
      mode: choices.mode,
      counted: modeSentences[choices.mode],
      range: rangeOf(choices, facts.range),
      shows: describeShown(choices),
      coverage: describeCoverage(view.coverage),
      metrics: summed(choices.mode, choices.from, choices.to).metrics,
      reading: describeReading(view),
    }),
    huesOf: ({ nodes }) => nodes.map(({ party }) => (party < 0 ? undefined : hues[ranks[party]!])),
    thresholds: thresholdsOf(all.reduce((most, { approved }) => Math.max(most, approved), 1)),
  }
}

function rangeOf({ from, to }: Choices, whole: string): string {
  return from === undefined || to === undefined ? whole : `${formatMonth(from)} to ${formatMonth(to)}`
}

/** 1, 2, 3, … 10, 15, 20, 30, 50, 70, 100, … up to the heaviest pair. */
function thresholdsOf(most: number): number[] {
  const steps = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 15, 20, 30, 40, 50, 70]
  const all = [
    ...steps,
    ...[100, 1000, 10_000, 100_000].flatMap((scale) => [1, 1.5, 2, 3, 5, 7].map((step) => step * scale)),
  ]
  return all.filter((step) => step === 1 || step <= most)
}
