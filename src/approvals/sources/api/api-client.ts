/**
 * Requests for JSON to one server, one at a time: limits are waited for and told, what failed on its way is repeated,
 * and what is refused is a failure that names the server. A token is never part of a message.
 */
import { Failure, isAbort, type Waiting } from '../../../base/index.ts'
import {
  openHttpClient,
  parseRetryAfter,
  readAtMost,
  redactUrl,
  retry,
  statusVerdict,
  systemClock,
  transportVerdict,
  type Clock,
} from '../../../http/index.ts'
import type { EmitSource } from '../progress.ts'

export interface ApiOptions extends Waiting {
  /** base of all addresses, without a slash at its end */
  readonly url: string
  /** sent with every request */
  readonly headers: Readonly<Record<string, string>>
  readonly emit: EmitSource
  /** default: that of this machine */
  readonly clock?: Clock | undefined
  /** what to do where access is refused */
  readonly accessHint: string
}

export interface ApiAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | undefined>>
  /** parsed; nothing for an answer without a body */
  readonly body: unknown
}

export interface ApiRequest {
  readonly method?: 'GET' | 'POST'
  /** below the base, or a whole address of the same server */
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  /** sent as JSON */
  readonly json?: unknown
  /** statuses beside 200 to 299 that the caller takes care of */
  readonly accept?: readonly number[]
  /** taken off the body before it is parsed */
  readonly guard?: string
}

export interface ApiClient {
  /** @throws Failure APPROVALS_SOURCE | APPROVALS_UNAUTHORIZED */
  readonly send: (request: ApiRequest) => Promise<ApiAnswer>
  /** tells of a wait and waits */
  readonly wait: (reason: string, delayMs: number) => Promise<void>
  readonly clock: Clock
  readonly close: () => void
}

/** one page of 100 changes with all their reviews is some megabytes */
const longestBody = 64 * 1024 * 1024
/** a limit that resets later than that is not what we are told of */
const longestWaitMs = 2 * 3_600_000
const secondaryWaitMs = 60_000

/** An answer that says to come again later. */
class LimitError extends Error {
  readonly delayMs: number
  constructor(message: string, delayMs: number) {
    super(message)
    this.delayMs = delayMs
  }
}

/** A status that may pass. */
class StatusError extends Error {
  readonly status: number
  constructor(status: number) {
    super(String(status))
    this.status = status
  }
}

export function openApi(options: ApiOptions): ApiClient {
  const { url: base, emit, signal, clock = systemClock } = options
  const http = openHttpClient({ sockets: 1 })
  const wait = async (reason: string, delayMs: number): Promise<void> => {
    emit({ kind: 'waiting', reason, until: clock.now() + delayMs, delayMs })
    await clock.sleep(delayMs, { signal })
  }
  const once = async (request: ApiRequest, attempt: number): Promise<ApiAnswer> => {
    const url = new URL(request.path.startsWith('http') ? request.path : `${base}${request.path}`)
    if (url.origin !== new URL(base).origin)
      throw new Failure(
        'APPROVALS_SOURCE',
        `${hostOf(base)} sends us on to ${url.host}, which gets no token of ours`,
      )
    const payload = request.json === undefined ? undefined : Buffer.from(JSON.stringify(request.json))
    const response = await http.send({
      method: request.method ?? 'GET',
      url,
      headers: {
        'user-agent': 'slipway',
        accept: 'application/json',
        ...options.headers,
        ...request.headers,
        ...(payload && { 'content-type': 'application/json' }),
      },
      body: payload && {
        size: payload.length,
        open: async function* () {
          yield payload
        },
      },
      signal,
    })
    const text = await readBody(response.body, url)
    const answer: ApiAnswer = { status: response.status, headers: response.headers, body: undefined }
    const limit = limitOf(answer, text, clock.now(), attempt)
    if (limit) throw limit
    if (request.accept?.includes(response.status)) return { ...answer, body: parse(text, request, url, true) }
    if (statusVerdict(response.status)) throw new StatusError(response.status)
    if (response.status >= 200 && response.status < 300)
      return { ...answer, body: parse(text, request, url, false) }
    throw refusal(response.status, text, url, options.accessHint)
  }
  return {
    clock,
    wait,
    close: http.close,
    async send(request) {
      for (let limits = 1; ; limits++) {
        try {
          return await retry(() => once(request, limits), {
            attempts: 5,
            clock,
            signal,
            judge: (error) =>
              error instanceof StatusError ? statusVerdict(error.status) : transportVerdict(error),
            onRetry: ({ reason, delayMs }) =>
              emit({
                kind: 'waiting',
                reason: `${hostOf(base)} answered with ${reason}`,
                until: clock.now() + delayMs,
                delayMs,
              }),
          })
        } catch (error) {
          if (!(error instanceof LimitError)) throw failureOf(error, base)
          if (limits > 10)
            throw new Failure('APPROVALS_SOURCE', `${hostOf(base)} still limits us after ${limits} waits`, {
              hint: 'run the same command again later; what was read is kept',
            })
          await wait(error.message, error.delayMs)
        }
      }
    },
  }
}

function hostOf(url: string): string {
  return new URL(url).host
}

async function readBody(body: AsyncIterable<Uint8Array>, url: URL): Promise<string> {
  const bytes = await readAtMost(body, longestBody)
  if (bytes === undefined)
    throw new Failure('APPROVALS_SOURCE', `${redactUrl(url.href)} answered with more than 64 MB`)
  return Buffer.from(bytes).toString('utf8')
}

/**
 * 429, and 403 that is about limits: GitHub answers 403 with `retry-after`, with no requests remaining, or with a text
 * about its secondary limit; GitLab 429 with `ratelimit-reset`.
 */
function limitOf(
  { status, headers }: ApiAnswer,
  text: string,
  now: number,
  attempt: number,
): LimitError | undefined {
  const after = parseRetryAfter(headers['retry-after'], now)
  const isSpent = headers['x-ratelimit-remaining'] === '0' || headers['ratelimit-remaining'] === '0'
  const isSecondary = status === 403 && /rate limit|abuse detection/i.test(text)
  if (status !== 429 && !(status === 403 && (after !== undefined || isSpent || isSecondary))) return undefined
  if (after !== undefined) return new LimitError('the server asks for a pause', after)
  const reset = Number(headers['x-ratelimit-reset'] ?? headers['ratelimit-reset'])
  if (isSpent && reset > 0) return new LimitError('the limit of requests is used up', untilReset(reset, now))
  return new LimitError('the server limits how fast we ask', secondaryWaitMs * attempt)
}

/** Milliseconds until a reset told in seconds since 1970, a second later than told. */
export function untilReset(seconds: number, now: number): number {
  return Math.min(Math.max(seconds * 1000 - now, 0) + 1000, longestWaitMs)
}

function parse(text: string, { guard = '' }: ApiRequest, url: URL, isLenient: boolean): unknown {
  const json = text.startsWith(guard) ? text.slice(guard.length) : text
  if (json.trim() === '') return undefined
  try {
    return JSON.parse(json)
  } catch (error) {
    if (isLenient) return undefined
    throw new Failure(
      'APPROVALS_SOURCE',
      `${redactUrl(url.href)} answered with something that is not JSON: ${json.slice(0, 60).replaceAll(/\s+/g, ' ')}`,
      {
        hint: 'is this the address of its API?',
        cause: error,
      },
    )
  }
}

function refusal(status: number, text: string, url: URL, hint: string): Failure {
  const said = /"message"\s*:\s*"([^"]{1,200})"/.exec(text)?.[1]
  const why = `${status}${said ? ` ${said}` : ''}`
  if (status === 401 || status === 403)
    return new Failure('APPROVALS_UNAUTHORIZED', `${url.host} refuses ${url.pathname}: ${why}`, { hint })
  if (status === 404)
    return new Failure('APPROVALS_SOURCE', `${url.host} has no ${url.pathname}, or does not show it to us`, {
      hint,
    })
  return new Failure('APPROVALS_SOURCE', `${url.host} answers ${url.pathname} with ${why}`)
}

function failureOf(error: unknown, base: string): unknown {
  if (error instanceof Failure || isAbort(error)) return error
  if (error instanceof StatusError)
    return new Failure('APPROVALS_SOURCE', `${hostOf(base)} answered with ${error.status} again and again`, {
      hint: 'run the same command again later; what was read is kept',
    })
  const code = error instanceof Error && 'code' in error ? String(error.code) : undefined
  if (code === undefined) return error
  return new Failure('APPROVALS_SOURCE', `${hostOf(base)} does not answer: ${code}`, {
    hint: 'is the address right, and the network there?',
    cause: error,
  })
}

/** The address of a `Link` header (RFC 8288) with this relation. */
export function linkOf(headers: ApiAnswer['headers'], relation: string): string | undefined {
  for (const part of (headers['link'] ?? '').split(/,\s*(?=<)/)) {
    const match = /^<([^>]*)>(.*)$/.exec(part.trim())
    if (match && new RegExp(`;\\s*rel="?${relation}"?`).test(match[2]!)) return match[1]
  }
  return undefined
}
