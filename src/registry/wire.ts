/**
 * How every request to one registry goes out: counted, limited, authorised, repeated, its errors explained.
 * The first request goes alone, so that a registry that wants a token is asked by one request and not by all.
 */
import { countRequest, Failure, isAbort, limit, type Tally, type Waiting } from '../base/index.ts'
import {
  openHttpClient,
  retry,
  statusVerdict,
  transportVerdict,
  type Clock,
  type HttpBody,
  type HttpResponse,
  type Verdict,
} from '../http/index.ts'
import { BadAnswer, readBadAnswer } from './answer.ts'
import { newAuthorization } from './authorization.ts'
import type { CredentialSource } from './credentials.ts'
import type { RegistryEvent } from './events.ts'
import { explain, type Undertaking } from './explain.ts'
import { registryOrigin } from './host.ts'
import { formatScope, type Scope } from './scope.ts'

/** One request. */
export interface Question extends Waiting {
  /** for the counts, such as `HEAD blob` */
  readonly purpose: string
  readonly method: string
  /** path from the registry's root, or a full address it gave us */
  readonly path: string
  readonly scopes: readonly Scope[]
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: HttpBody
  /** statuses that are answers; all others are errors */
  readonly accept: readonly number[]
  /** runs in a slot for uploads already, so it needs none for requests */
  readonly isUpload?: boolean
  readonly answerTimeoutMs?: number
  readonly onBytes?: (count: number) => void
}

export interface Wire {
  readonly host: string
  readonly clock: Clock
  readonly emit: (event: RegistryEvent) => void
  /** the registry's own signal together with one for a single call */
  readonly signalFor: (signal: AbortSignal | undefined) => AbortSignal | undefined
  /** one request, its answer read by `read` and then discarded */
  readonly ask: <T>(question: Question, read: (response: HttpResponse) => Promise<T> | T) => Promise<T>
  /** one request, its answer left to the caller to read or discard */
  readonly open: (question: Question) => Promise<HttpResponse>
  /** does the work, repeats it while that makes sense, and explains its error */
  readonly undertake: <T>(
    undertaking: Omit<Undertaking, 'host'>,
    work: (signal: AbortSignal | undefined) => Promise<T>,
    options?: Waiting,
  ) => Promise<T>
  readonly close: () => void
}

export interface WireOptions extends Waiting {
  readonly tally?: Tally | undefined
  readonly emit?: ((event: RegistryEvent) => void) | undefined
  readonly credentials?: CredentialSource | undefined
  readonly attempts?: number | undefined
  readonly clock: Clock
  /** requests without a large body at the same time */
  readonly requests: number
  readonly sockets: number
}

export function openWire(host: string, options: WireOptions): Wire {
  const { clock, tally, emit = () => {} } = options
  const origin = registryOrigin(host)
  const client = openHttpClient({ sockets: options.sockets })
  const requestLimit = limit(options.requests)
  const authorization = newAuthorization({
    host,
    client,
    clock,
    credentials: options.credentials,
    onRequest: () => countRequest(tally, 'token'),
  })
  const alone = firstAlone()
  /** until when a 429 asked everybody to wait */
  let quietUntil = 0

  async function send(question: Question, header: string | undefined): Promise<HttpResponse> {
    const url = new URL(question.path, origin)
    // A location on another host gets no credentials of this one.
    const authorized = header !== undefined && url.origin === origin.origin ? { authorization: header } : {}
    return client.send({
      method: question.method,
      url,
      headers: { ...question.headers, ...authorized },
      body: question.body,
      signal: question.signal,
      answerTimeoutMs: question.answerTimeoutMs,
      onRequest: () => countRequest(tally, question.purpose),
      onBytes(count) {
        if (tally) tally.bytesSent += count
        question.onBytes?.(count)
      },
    })
  }

  async function open(question: Question): Promise<HttpResponse> {
    const { signal, method } = question
    signal?.throwIfAborted()
    const wait = quietUntil - clock.now()
    if (wait > 0) await clock.sleep(wait, { signal })
    const scopes = question.scopes.map(formatScope)
    const used = await authorization.header(scopes, { signal })
    let response = await send(question, used)
    if (response.status === 401) {
      const challenge = response.headers['www-authenticate']
      const renewed = await authorization.renew(challenge, scopes, { signal, rejected: used })
      if (renewed !== undefined) {
        response.discard()
        response = await send(question, renewed)
      }
    }
    if (question.accept.includes(response.status)) return response
    try {
      const details = { method, who: 'the registry', now: clock.now() }
      throw await readBadAnswer(response, { ...details, hadCredentials: authorization.hasCredentials() })
    } finally {
      response.discard()
    }
  }

  const openInTurn = (question: Question) =>
    alone(() => (question.isUpload ? open(question) : requestLimit(() => open(question))))

  return {
    host,
    clock,
    emit,
    signalFor: (signal) => combine(options.signal, signal),
    open: openInTurn,
    async ask(question, read) {
      const response = await openInTurn(question)
      try {
        return await read(response)
      } finally {
        response.discard()
      }
    },
    async undertake(undertaking, work, waiting = {}) {
      const signal = combine(options.signal, waiting.signal)
      let attempts = 0
      try {
        return await retry(
          (attempt) => {
            attempts = attempt
            return work(signal)
          },
          {
            signal,
            clock,
            judge,
            attempts: options.attempts,
            onRetry({ reason, attempt, delayMs }) {
              if (reason === '429') quietUntil = Math.max(quietUntil, clock.now() + delayMs)
              emit({
                kind: 'registry-retry',
                registry: host,
                what: undertaking.what,
                reason,
                attempt,
                delayMs,
              })
            },
          },
        )
      } catch (error) {
        throw explain(error, { ...undertaking, host }, attempts)
      }
    },
    close: client.close,
  }
}

function judge(error: unknown): Verdict | undefined {
  if (error instanceof BadAnswer) {
    return statusVerdict(error.status, error.retryAfterMs) ?? sessionVerdict(error)
  }
  return error instanceof Failure || isAbort(error) ? undefined : transportVerdict(error)
}

/** An upload session that the registry has lost is no reason to give up: the next attempt opens another. */
function sessionVerdict(answer: BadAnswer): Verdict | undefined {
  const isLost =
    answer.method === 'PUT' &&
    (answer.status === 416 ||
      answer.problems.some(({ code }) => code === 'BLOB_UPLOAD_UNKNOWN' || code === 'BLOB_UPLOAD_INVALID'))
  return isLost ? { reason: 'upload session lost', repeats: 2 } : undefined
}

/** Lets the first work run alone; once it has ended, well or not, all others go. */
function firstAlone(): <T>(work: () => Promise<T>) => Promise<T> {
  let first: Promise<unknown> | undefined
  return async (work) => {
    if (first) {
      await first
      return work()
    }
    const running = work()
    first = running.catch(() => {})
    return running
  }
}

function combine(...signals: (AbortSignal | undefined)[]): AbortSignal | undefined {
  const present = signals.filter((signal) => signal !== undefined)
  return present.length > 1 ? AbortSignal.any(present) : present[0]
}
