/** What the counts say of a group: how many carry it, and whether approving goes both ways. */
import type { SummedPair } from './view.ts'

export interface Metrics {
  readonly approvals: number
  readonly approvers: number
  readonly authors: number
  readonly pairs: number
  /**
   * the part of approvals that is returned: the lesser of both directions of every pair, twice, over all; 0 to 1.
   * Approvals of one's own changes are no part of it.
   */
  readonly reciprocity: number
  /** Gini coefficient of approvals given, over those who gave any: 0 all the same, towards 1 all by one */
  readonly concentration: number
  /** so few people gave at least half of all approvals */
  readonly halfGivenBy: number
}

export function metricsOf(directed: readonly SummedPair[]): Metrics {
  const pairs = directed.filter(({ approver, author }) => approver !== author)
  const given = new Map<number, number>()
  const authors = new Set<number>()
  let [approvals, both] = [0, 0]
  for (const { approver, author, approved, returned } of pairs) {
    approvals += approved
    given.set(approver, (given.get(approver) ?? 0) + approved)
    authors.add(author)
    both += Math.min(approved, returned)
  }
  const sorted = [...given.values()].toSorted((a, b) => a - b)
  return {
    approvals,
    approvers: given.size,
    authors: authors.size,
    pairs: pairs.length,
    reciprocity: approvals === 0 ? 0 : both / approvals,
    concentration: gini(sorted),
    halfGivenBy: halfCount(sorted, approvals),
  }
}

/** Of values in ascending order. */
function gini(sorted: readonly number[]): number {
  const total = sorted.reduce((sum, value) => sum + value, 0)
  if (total === 0) return 0
  const weighted = sorted.reduce((sum, value, index) => sum + value * (index + 1), 0)
  return (2 * weighted) / (sorted.length * total) - (sorted.length + 1) / sorted.length
}

function halfCount(sorted: readonly number[], total: number): number {
  let [sum, count] = [0, 0]
  for (const value of sorted.toReversed()) {
    if (sum * 2 >= total) break
    sum += value
    count++
  }
  return count
}
