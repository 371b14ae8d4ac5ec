/** Matches of rules before they are put in order. */
import type { Route } from '../../model/index.ts'
import type { KubeObject } from '../../objects/object.ts'

/** One match of one rule of one route, as a route of the model. */
export interface Candidate {
  readonly object: KubeObject
  readonly route: Route
  /** what decides among matches of one hostname, larger first: see `httpRank` and `grpcRank` */
  readonly rank: readonly number[]
  /** place in the route: rule, match */
  readonly order: readonly [number, number]
}

/** A candidate under a hostname it is reached by. */
export interface HostedCandidate {
  readonly hostname: string
  readonly candidate: Candidate
}

/**
 * Order of precedence over all routes of one hostname: the rank; then the oldest route, then `namespace/name`; then as
 * written (HTTPRouteRule.Matches, GRPCRouteRule.Matches).
 */
export function compareCandidates(a: Candidate, b: Candidate): number {
  return (
    compareRanks(b.rank, a.rank) ||
    a.object.metadata.created - b.object.metadata.created ||
    compareText(keyOf(a), keyOf(b)) ||
    a.order[0] - b.order[0] ||
    a.order[1] - b.order[1]
  )
}

function compareRanks(a: readonly number[], b: readonly number[]): number {
  for (let at = 0; at < Math.max(a.length, b.length); at += 1) {
    const difference = (a[at] ?? 0) - (b[at] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

const keyOf = ({ object }: Candidate) => `${object.metadata.namespace}/${object.metadata.name}`
const compareText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)
