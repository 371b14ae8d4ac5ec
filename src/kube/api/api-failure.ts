/** The failure that has more to tell: what the API server answered. */
import { Failure, type FailureCode, type FailureDetails } from '../../base/index.ts'

/** One of the things that a `Status` (meta/v1) lists as the cause of an error. */
export interface StatusCause {
  /** `FieldManagerConflict`, `FieldValueInvalid`, `NamespaceTerminating` */
  readonly reason: string
  readonly message: string
  /** `.spec.replicas` */
  readonly field: string
}

export interface ApiFailureDetails extends FailureDetails {
  readonly status: number
  readonly reason?: string | undefined
  readonly causes?: readonly StatusCause[] | undefined
  /** wait so long before another attempt, as the server asks */
  readonly retryAfterMs?: number | undefined
  /** the same request would be answered alike */
  readonly isLasting: boolean
}

export class ApiFailure extends Failure {
  readonly status: number
  /** `Conflict`, `Invalid`, `Forbidden`; empty when it does not say */
  readonly reason: string
  readonly causes: readonly StatusCause[]
  readonly retryAfterMs: number | undefined
  readonly isLasting: boolean

  constructor(code: FailureCode, message: string, details: ApiFailureDetails) {
    super(code, message, details)
    this.status = details.status
    this.reason = details.reason ?? ''
    this.causes = details.causes ?? []
    this.retryAfterMs = details.retryAfterMs
    this.isLasting = details.isLasting
  }
}
