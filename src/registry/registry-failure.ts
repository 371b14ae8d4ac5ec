/** The one failure with more to tell: which request, which answer, which error list. */
import { Failure, type FailureCode, type FailureDetails } from '../base/index.ts'
import type { RegistryProblem } from './answer.ts'

export type { RegistryProblem } from './answer.ts'

export interface RegistryFailureDetails extends FailureDetails {
  readonly method?: string | undefined
  readonly url?: string | undefined
  readonly status?: number | undefined
  readonly errors?: readonly RegistryProblem[] | undefined
}

/** A registry that does not answer, or answers with an error. */
export class RegistryFailure extends Failure {
  readonly method: string | undefined
  /** redacted: no user-info, no secret query values */
  readonly url: string | undefined
  /** HTTP status; nothing when there was no answer */
  readonly status: number | undefined
  /** what the registry listed (distribution-spec, "Error codes") */
  readonly errors: readonly RegistryProblem[]

  constructor(code: FailureCode, message: string, details: RegistryFailureDetails = {}) {
    super(code, message, details)
    this.method = details.method
    this.url = details.url
    this.status = details.status
    this.errors = details.errors ?? []
  }
}
