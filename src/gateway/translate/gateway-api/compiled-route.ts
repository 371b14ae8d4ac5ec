import type { Candidate } from './candidate.ts'
import type { Problem, Verdict } from './conditions.ts'

/** A route for one port of one Gateway. */
export interface CompiledRoute {
  readonly candidates: readonly Candidate[]
  /** first reference that leads nowhere */
  readonly resolved: Verdict
  /** rules that cannot be had; requests that only they match get what other routes say, or 404 */
  readonly dropped: readonly DroppedRule[]
}

export interface DroppedRule {
  readonly rule: number
  readonly problem: Problem
}
