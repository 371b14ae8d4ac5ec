/** What an answer with an error means, for people: the object, the fields and the managers are named. */
import type { FailureCode } from '../../base/index.ts'
import { asMap } from '../object.ts'
import { ApiFailure, type StatusCause } from './api-failure.ts'

export interface ErrorAnswer {
  readonly status: number
  /** parsed; nothing when it is not JSON */
  readonly body: unknown
  readonly retryAfterMs?: number | undefined
  /** what was tried: `apply Deployment shop/web` */
  readonly doing: string
}

interface Meaning {
  readonly code: FailureCode
  readonly why: string
  readonly hint?: string | undefined
  readonly isLasting: boolean
}

interface ApiStatus {
  readonly message: string
  readonly reason: string
  readonly kind: string
  readonly causes: readonly StatusCause[]
}

export function explainStatus(answer: ErrorAnswer): ApiFailure {
  const status = readStatus(answer)
  const { code, why, hint, isLasting } = meaningOf(answer, status)
  return new ApiFailure(code, `cannot ${answer.doing}: ${why}`, {
    hint,
    status: answer.status,
    reason: status.reason,
    causes: status.causes,
    retryAfterMs: answer.retryAfterMs,
    isLasting,
  })
}

function readStatus({ body, status }: ErrorAnswer): ApiStatus {
  const map = asMap(body)
  const text = (value: unknown) => (typeof value === 'string' ? value : '')
  const details = asMap(map?.['details'])
  const causes = Array.isArray(details?.['causes']) ? details['causes'] : []
  return {
    message: text(map?.['message']).replaceAll(/\s*\n\s*/g, ' ') || `it answered ${status}`,
    reason: text(map?.['reason']),
    kind: text(details?.['kind']),
    causes: causes.map((cause) => {
      const fields = asMap(cause) ?? {}
      return {
        reason: text(fields['reason']),
        message: text(fields['message']),
        field: text(fields['field']),
      }
    }),
  }
}

function meaningOf({ status: number }: ErrorAnswer, status: ApiStatus): Meaning {
  const { message, reason, causes, kind } = status
  const lasting = (code: FailureCode, why: string, hint?: string): Meaning => ({
    code,
    why,
    hint,
    isLasting: true,
  })
  switch (number) {
    case 401:
      return lasting('CLUSTER_UNAUTHORIZED', 'the API server does not know who we are', 'log in again')
    case 403:
      if (causes.some((cause) => cause.reason === 'NamespaceTerminating'))
        return lasting('NAMESPACE_MISSING', 'its namespace is being deleted', 'run it again when it is gone')
      return lasting('CLUSTER_FORBIDDEN', message)
    case 404:
      if (kind === 'namespaces')
        return lasting('NAMESPACE_MISSING', message, 'create it first: kubectl create namespace NAME')
      return lasting(kind === '' ? 'KIND_UNKNOWN' : 'CLUSTER_REFUSED', message)
    case 409:
      if (causes.some((cause) => cause.reason === 'FieldManagerConflict'))
        return lasting('FIELD_CONFLICT', describeConflicts(causes), conflictHint)
      return {
        code: 'OBJECT_CHANGED',
        why: message,
        hint: 'run it again',
        isLasting: reason !== 'ServerTimeout',
      }
    case 400:
    case 413:
    case 415:
    case 422: {
      const isImmutable =
        /field is immutable|may not (?:be changed|change once set)|updates to .* forbidden/i.test(message)
      if (isImmutable) return lasting('OBJECT_IMMUTABLE', describeCauses(status))
      return lasting('OBJECT_INVALID', describeCauses(status))
    }
    case 500:
      if (isAboutTheObject(message)) return lasting('OBJECT_INVALID', message)
      return { code: 'CLUSTER_REFUSED', why: message, isLasting: false }
    case 429:
      return {
        code: 'CLUSTER_UNREACHABLE',
        why: `the API server is overloaded: ${message}`,
        isLasting: false,
      }
    case 502:
    case 503:
    case 504:
      return { code: 'CLUSTER_UNREACHABLE', why: `the API server is not ready: ${message}`, isLasting: false }
    default:
      return lasting('CLUSTER_REFUSED', message)
  }
}

const conflictHint =
  'let the other manager keep it with an overlay that removes the field, or take it with takeOver in the file'

/** `.spec.replicas (manager kubectl)`: what the server lists, without its prose. */
function describeConflicts(causes: readonly StatusCause[]): string {
  const fields = causes.map(({ field, message }) => {
    const manager = conflictingManager(message)
    return manager === undefined ? field : `${field} (manager ${manager})`
  })
  return `${fields.join(', ')} ${fields.length === 1 ? 'belongs' : 'belong'} to somebody else`
}

function describeCauses({ causes, message }: ApiStatus): string {
  const named = causes.filter(({ field }) => field !== '')
  if (named.length === 0) return message
  return named.map(({ field, message: why }) => `${field}: ${why}`).join('; ')
}

/** Apply answers 500 for objects that do not fit their schema, which no second attempt mends. */
function isAboutTheObject(message: string): boolean {
  return /typed (?:patch|value)|not declared in schema|duplicate entries for key|failed to convert/i.test(
    message,
  )
}

/** The manager that a cause with the reason `FieldManagerConflict` names. */
export function conflictingManager(message: string): string | undefined {
  return /conflict with "([^"]+)"/.exec(message)?.[1]
}
