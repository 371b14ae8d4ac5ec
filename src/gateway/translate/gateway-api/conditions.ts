import type { Condition } from '../status.ts'

/** What is to be said of one aspect: True with its usual reason, or False and why. */
export type Verdict = { readonly ok: true } | Problem

export interface Problem {
  readonly ok: false
  readonly reason: string
  readonly message: string
}

export const fine: Verdict = { ok: true }

export function problem(reason: string, message: string): Problem {
  return { ok: false, reason, message }
}

/** A condition that is True with its type (or `reason`) for a reason, or False with the problem's. */
export function condition(type: string, verdict: Verdict, generation: number, reason = type): Condition {
  return verdict.ok
    ? { type, status: 'True', reason, message: '', observedGeneration: generation }
    : {
        type,
        status: 'False',
        reason: verdict.reason,
        message: verdict.message,
        observedGeneration: generation,
      }
}
