/** What a rule asks for besides its destination: retries, CORS, faults. */
import type { Cors, Fault, OriginMatch, Retry, RetryCondition } from '../../model/index.ts'
import type { Context, Part } from './context.ts'
import { below } from './context.ts'
import { grpcStatus } from './grpc-status.ts'
import { stringMatch } from './http-match.ts'
import { areRegexes } from './regexes.ts'
import { placedDuration } from './placed-duration.ts'
import type { CorsPolicy, HttpFault, HttpRetries, Percent } from './spec.ts'

/** Istio's own when a rule says nothing: two more attempts where the request cannot have had an effect. */
const defaultRetry: Retry = {
  attempts: 2,
  on: ['connect-failure', 'refused-stream', 'unavailable', 'cancelled'],
  avoidPrevious: true,
}

const conditions = new Set<string>([
  '5xx',
  'gateway-error',
  'reset',
  'reset-before-request',
  'connect-failure',
  'refused-stream',
  'retriable-4xx',
  'cancelled',
  'deadline-exceeded',
  'internal',
  'resource-exhausted',
  'unavailable',
] satisfies RetryCondition[])

/** `isHashed`: the endpoint is chosen by a hash, so a retry goes to the same one again. */
export function translateRetries(
  retries: HttpRetries | undefined,
  isHashed: boolean,
  context: Context,
  part: Part,
): Retry | undefined {
  if (!retries) return { ...defaultRetry, avoidPrevious: !isHashed }
  if (!retries.attempts || retries.attempts <= 0) return undefined
  if (retries.retryRemoteLocalities) {
    const { object, path } = below(part, 'retryRemoteLocalities')
    context.report.ignored(object, path, 'every endpoint is tried, wherever it is')
  }
  const perTryTimeoutMs = placedDuration(retries.perTryTimeout, context, below(part, 'perTryTimeout'))
  const backoffMs = placedDuration(retries.backoff, context, below(part, 'backoff'))
  return {
    attempts: retries.attempts,
    on: retries.retryOn ? retryConditions(retries.retryOn, context, below(part, 'retryOn')) : defaultRetry.on,
    avoidPrevious: retries.retryIgnorePreviousHosts ?? !isHashed,
    ...(perTryTimeoutMs !== undefined && { perTryTimeoutMs }),
    ...(backoffMs !== undefined && { backoffMs }),
  }
}

function retryConditions(
  text: string,
  { report }: Context,
  { object, path }: Part,
): (RetryCondition | number)[] {
  const found: (RetryCondition | number)[] = []
  for (const word of text.split(',').map((part) => part.trim())) {
    if (/^[1-5]\d\d$/.test(word)) found.push(Number(word))
    else if (conditions.has(word)) found.push(word as RetryCondition)
    else if (word !== '' && word !== 'retriable-status-codes') {
      report.warn(object, path, {
        rule: 'unknown-retry-condition',
        message: `retryOn "${word}" is not known here and has no effect`,
        hint: `one of ${[...conditions].join(', ')}, or a status code`,
      })
    }
  }
  return found
}

export function translateCors(cors: CorsPolicy, context: Context, part: Part): Cors {
  const maxAgeMs = placedDuration(cors.maxAge, context, below(part, 'maxAge'))
  const origins: OriginMatch[] = cors.allowOrigins
    ? cors.allowOrigins
        .filter((origin, at) => areRegexes(origin, context, below(part, 'allowOrigins', at)))
        .map((origin) => (origin.exact === '*' ? { kind: 'any' } : stringMatch(origin)))
    : (cors.allowOrigin ?? []).map((origin) =>
        origin === '*' ? { kind: 'any' } : { kind: 'exact', value: origin },
      )
  return {
    allowOrigins: origins,
    allowMethods: cors.allowMethods ?? [],
    allowHeaders: cors.allowHeaders ?? [],
    exposeHeaders: cors.exposeHeaders ?? [],
    allowCredentials: cors.allowCredentials ?? false,
    forwardUnmatchedPreflight: cors.unmatchedPreflights !== 'IGNORE',
    ...(maxAgeMs !== undefined && { maxAgeSeconds: Math.floor(maxAgeMs / 1000) }),
  }
}

/** A fault without a percentage happens never. */
export function translateFault(fault: HttpFault, context: Context, part: Part): Fault | undefined {
  const delay = translateDelay(fault, context, below(part, 'delay'))
  const abort = translateAbort(fault, context, below(part, 'abort'))
  return delay || abort ? { ...(delay && { delay }), ...(abort && { abort }) } : undefined
}

function translateDelay({ delay }: HttpFault, context: Context, part: Part): Fault['delay'] {
  if (!delay) return undefined
  if (delay.fixedDelay === undefined) {
    context.report.ignored(part.object, part.path, 'only fixedDelay is known')
    return undefined
  }
  const ms = placedDuration(delay.fixedDelay, context, below(part, 'fixedDelay'))
  const fraction = fractionOf(delay.percentage) ?? (delay.percent ?? 0) / 100
  if (fraction === 0)
    context.report.ignored(part.object, part.path, 'no percentage is given, so it happens never')
  return ms === undefined ? undefined : { ms, fraction }
}

function translateAbort({ abort }: HttpFault, { report }: Context, part: Part): Fault['abort'] {
  if (!abort) return undefined
  const fraction = fractionOf(abort.percentage) ?? 0
  if (fraction === 0) report.ignored(part.object, part.path, 'no percentage is given, so it happens never')
  if (abort.httpStatus !== undefined) return { status: abort.httpStatus, fraction }
  const grpc = abort.grpcStatus === undefined ? undefined : grpcStatus(abort.grpcStatus)
  if (grpc !== undefined) return { status: 200, grpcStatus: grpc, fraction }
  const { object, path } = below(part, abort.grpcStatus === undefined ? 'http2Error' : 'grpcStatus')
  report.error(object, path, {
    rule: 'unsupported-fault',
    message: 'an abort needs an httpStatus or a known grpcStatus, so it happens never',
  })
  return undefined
}

/** 0 to 1 */
export function fractionOf(percent: Percent | undefined): number | undefined {
  return percent === undefined ? undefined : (percent.value ?? 0) / 100
}
