/**
 * Which failures are worth another attempt, how long to wait before it, and when to give up.
 * Delays double from 250 ms up to 20 s with jitter; a server's Retry-After is honoured up to two minutes (RFC 9110, 10.2.3).
 */
import { systemCode, type Waiting } from '../base/index.ts'
import { systemClock, type Clock } from './clock.ts'

/** Why an attempt may be repeated. */
export interface Verdict {
  /** short, for people: `429`, `ECONNRESET` */
  readonly reason: string
  /** wait at least so long, as the server asked */
  readonly afterMs?: number | undefined
  /** at most so many repeats for this kind of reason, default: the attempts of the policy */
  readonly repeats?: number
}

/** One repeat about to be made. */
export interface Retried {
  readonly reason: string
  /** the attempt that failed, from 1 */
  readonly attempt: number
  /** milliseconds until the next one */
  readonly delayMs: number
  /** milliseconds of waiting for this work so far, the next wait included */
  readonly waitedMs: number
}

export interface RetryOptions extends Waiting {
  /** attempts in all, default 5 */
  readonly attempts?: number | undefined
  /** waiting in all, default 300,000 ms; a wait that would go beyond it is not begun */
  readonly budgetMs?: number | undefined
  /** whether the attempt that failed got something done that lasts: attempts are counted anew then; default: never */
  readonly hasProgressed?: (() => boolean) | undefined
  /** what makes an error repeatable, default `transportVerdict` */
  readonly judge?: ((error: unknown) => Verdict | undefined) | undefined
  /** called before every wait */
  readonly onRetry?: ((retried: Retried) => void) | undefined
  /** default: the machine's */
  readonly clock?: Clock | undefined
}

const defaults = {
  attempts: 5,
  budgetMs: 300_000,
  firstDelayMs: 250,
  longestDelayMs: 20_000,
  longestRetryAfterMs: 120_000,
}

const repeatableStatuses = new Set([408, 429, 500, 502, 503, 504])
const repeatableCodes = new Set(['ECONNRESET', 'EPIPE', 'ETIMEDOUT'])
/** A server that starts up answers soon or not at all; a wrong address should not cost half a minute. */
const brieflyRepeatableCodes = new Set(['ECONNREFUSED', 'EAI_AGAIN'])

/**
 * Does the work, and again while its error is judged repeatable and attempts are left.
 * @throws the last error as it is, or the signal's reason
 */
export async function retry<T>(
  work: (attempt: number) => Promise<T>,
  options: RetryOptions = {},
): Promise<T> {
  const { attempts = defaults.attempts, judge = transportVerdict, clock = systemClock, signal } = options
  const { budgetMs = defaults.budgetMs, hasProgressed } = options
  let waitedMs = 0
  for (let attempt = 1; ; attempt++) {
    signal?.throwIfAborted()
    try {
      return await work(attempt)
    } catch (error) {
      signal?.throwIfAborted()
      const verdict = judge(error)
      if (hasProgressed?.()) attempt = 1
      const delayMs = verdict && delayBefore(attempt, verdict, attempts, clock)
      if (!verdict || delayMs === undefined || waitedMs + delayMs > budgetMs) throw error
      waitedMs += delayMs
      options.onRetry?.({ reason: verdict.reason, attempt, delayMs, waitedMs })
      await clock.sleep(delayMs, { signal })
    }
  }
}

/** Milliseconds before the attempt after this one; nothing when there is none. */
function delayBefore(
  attempt: number,
  { afterMs = 0, repeats }: Verdict,
  attempts: number,
  clock: Clock,
): number | undefined {
  const last = Math.min(attempts, (repeats ?? attempts) + 1)
  if (attempt >= last || afterMs > defaults.longestRetryAfterMs) return undefined
  return Math.max(afterMs, backoff(attempt, clock))
}

/** The verdict on an answer's status; nothing for one that would be the same next time. */
export function statusVerdict(status: number, afterMs?: number): Verdict | undefined {
  return repeatableStatuses.has(status) ? { reason: String(status), afterMs } : undefined
}

/** The verdict on an error below HTTP, by its system code. */
export function transportVerdict(error: unknown): Verdict | undefined {
  const code = systemCode(error)
  if (code === undefined) return undefined
  if (repeatableCodes.has(code)) return { reason: code }
  return brieflyRepeatableCodes.has(code) ? { reason: code, repeats: 2 } : undefined
}

/** Milliseconds from now that a Retry-After header asks for: whole seconds or an HTTP date; nothing when unreadable. */
export function parseRetryAfter(value: string | undefined, now: number): number | undefined {
  const text = value?.trim() ?? ''
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000
  const date = /^[A-Z][a-z]{2}/.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(date) ? undefined : Math.max(0, date - now)
}

/** Between half and all of the doubled delay, so that workers that failed together come back apart. */
function backoff(attempt: number, clock: Clock): number {
  const full = Math.min(defaults.longestDelayMs, defaults.firstDelayMs * 2 ** (attempt - 1))
  return Math.round(full / 2 + (full / 2) * clock.random())
}
