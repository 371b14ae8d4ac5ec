/** Whether a try that went wrong is worth another one (Envoy's `retry_on`, Gateway API HTTPRouteRetry). Pure. */
import type { Retry, RetryCondition } from '../../model/index.ts'
import { valueOf, type HeaderList } from '../headers/header-list.ts'
import type { UpstreamFailure } from '../upstream/upstream.ts'

/** Conditions under which a failure without an answer is tried again. */
const ofFailure: Readonly<Record<UpstreamFailure['kind'], readonly RetryCondition[]>> = {
  connect: ['connect-failure', 'reset', 'reset-before-request', 'gateway-error', '5xx'],
  reset: ['reset', 'gateway-error', '5xx'],
  garbage: ['reset', 'gateway-error', '5xx'],
  refused: ['refused-stream', 'reset', 'reset-before-request', 'gateway-error', '5xx'],
  overflow: [],
}

const ofGrpcStatus: Readonly<Record<string, RetryCondition>> = {
  1: 'cancelled',
  4: 'deadline-exceeded',
  13: 'internal',
  8: 'resource-exhausted',
  14: 'unavailable',
}

export function retriesFailure(retry: Retry, failure: UpstreamFailure): boolean {
  return ofFailure[failure.kind].some((condition) => retry.on.includes(condition))
}

/** A try that took longer than `perTryTimeoutMs`. */
export function retriesTimeout(retry: Retry): boolean {
  return retry.on.some(
    (condition) => condition === 'timeout' || condition === '5xx' || condition === 'gateway-error',
  )
}

export function retriesAnswer(retry: Retry, status: number, headers: HeaderList): boolean {
  if (retry.on.includes(status)) return true
  const isGateway = status >= 502 && status <= 504
  if (status >= 500 && retry.on.includes('5xx')) return true
  if (isGateway && retry.on.includes('gateway-error')) return true
  if (status === 409 && retry.on.includes('retriable-4xx')) return true
  const condition = status === 200 ? ofGrpcStatus[valueOf(headers, 'grpc-status') ?? ''] : undefined
  return condition !== undefined && retry.on.includes(condition)
}

const defaultBackoffMs = 25
const mostBackoffs = 10

/** Milliseconds before a new try: anything up to twice the last, at most ten times the first (Envoy's full jitter). */
export function backoff(retry: Retry, tries: number, random: () => number): number {
  const base = retry.backoffMs ?? defaultBackoffMs
  const most = Math.min(base * 2 ** tries, base * mostBackoffs)
  // `backoffMs` is a minimum in the Gateway API, so what is written there is kept; the default may be any part of it.
  return retry.backoffMs === undefined ? random() * most : base + random() * (most - base)
}
