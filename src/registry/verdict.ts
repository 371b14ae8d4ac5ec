/** Which errors of a registry are worth another attempt, beyond those of any server. */
import { Failure, isAbort } from '../base/index.ts'
import { statusVerdict, transportVerdict, type Verdict } from '../http/index.ts'
import { BadAnswer } from './answer.ts'

/** Nothing for an error that would be the same next time. */
export function judge(error: unknown): Verdict | undefined {
  if (error instanceof BadAnswer) {
    return statusVerdict(error.status, error.retryAfterMs) ?? sessionVerdict(error) ?? foreignVerdict(error)
  }
  return error instanceof Failure || isAbort(error) ? undefined : transportVerdict(error)
}

/** An upload session that the registry has lost is no reason to give up: the next attempt opens another. */
function sessionVerdict({ method, status, problems }: BadAnswer): Verdict | undefined {
  if (method !== 'PUT' && method !== 'PATCH') return undefined
  const isLost =
    status === 416 ||
    (status === 404 && problems.length === 0) ||
    problems.some(({ code }) => code === 'BLOB_UPLOAD_UNKNOWN' || code === 'BLOB_UPLOAD_INVALID')
  return isLost ? { reason: 'upload session lost', repeats: 2 } : undefined
}

/** A signed address that has run out: the registry gives another. */
function foreignVerdict({ isForeign, status }: BadAnswer): Verdict | undefined {
  return isForeign && (status === 401 || status === 403)
    ? { reason: `${status} where the registry sent us`, repeats: 2 }
    : undefined
}
