import { failureCodes, type FailureCode } from './failure-codes.ts'
import type { Place } from './span.ts'

export interface FailureDetails {
  /** where in a file of the user */
  readonly at?: Place | undefined
  /** what to do, as an action that can be pasted where possible */
  readonly hint?: string | undefined
  readonly cause?: unknown
  /** further failures found in the same pass; shown after this one */
  readonly others?: readonly Failure[]
  /** what a command printed, shown below the message */
  readonly output?: string | undefined
}

/**
 * An error the user can act on. Bugs stay plain `Error`.
 * The message is one lower-case sentence: what failed, where, why; the hint says what to do.
 */
export class Failure extends Error {
  override readonly name = 'Failure'
  readonly code: FailureCode
  readonly at: Place | undefined
  readonly hint: string | undefined
  readonly others: readonly Failure[]
  readonly output: string | undefined

  constructor(code: FailureCode, message: string, details: FailureDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.code = code
    this.at = details.at
    this.hint = details.hint
    this.others = details.others ?? []
    this.output = details.output
  }

  /** process exit status: 1 failed, 2 usage or configuration */
  get exitStatus(): 1 | 2 {
    return failureCodes[this.code].exit
  }
}

/** Whether an error is the abort of an `AbortSignal` rather than a failure. */
export function isAbort(error: unknown): error is Error {
  return (
    error instanceof Error &&
    (error.name === 'AbortError' || (error as { code?: unknown }).code === 'ABORT_ERR')
  )
}

/** The `code` of a Node.js system error such as `ENOENT`, or nothing. */
export function systemCode(error: unknown): string | undefined {
  const code = error instanceof Error ? (error as { code?: unknown }).code : undefined
  return typeof code === 'string' ? code : undefined
}

/** The failure with the place added when it has none; everything else unchanged. */
export function failureAt(error: unknown, at: Place | undefined): unknown {
  if (!(error instanceof Failure) || error.at !== undefined || at === undefined) return error
  const { message, code, hint, cause, others, output } = error
  return new Failure(code, message, { at, hint, cause, others, output })
}
