/**
 * How every request to one registry goes out: counted, limited, authorised, repeated, its errors explained.
 * The first request goes alone, so that a registry that wants a token is asked by one request and not by all.
 */
import { countRequest, type Tally, type Waiting } from '../base/index.ts'
import { retry, type Clock, type HttpBody, type HttpClientOptions, type HttpResponse } from '../http/index.ts'
import { readBadAnswer } from './answer.ts'
import { newAuthorization } from './authorization.ts'
import { openChannel } from './channel.ts'
import type { CredentialSource } from './credentials.ts'
import type { RegistryEvent } from './events.ts'
import { explain, type Undertaking } from './explain.ts'
import type { HostSettingsSource } from './host-settings.ts'
import { newPace, type Pace } from './pace.ts'
import type { Scope } from './scope.ts'
import { judge } from './verdict.ts'

/** One request. */
export interface Question extends Waiting {
  /** for the counts, such as `HEAD blob` */
  readonly purpose: string
  readonly method: string
  /** path from the registry's root, or a full address it gave us */
  readonly path: string
  readonly scopes: readonly Scope[]
  /** what the requests after it need: a token for it is asked for at once, and done without where it is refused */
  readonly soon?: readonly Scope[] | undefined
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: HttpBody
  /** statuses that are answers; all others are errors */
  readonly accept: readonly number[]
  /** runs in a slot for uploads already, so it needs none for requests */
  readonly isUpload?: boolean
  /** ends an upload, which may take a registry minutes */
  readonly isCommit?: boolean
  readonly onBytes?: (count: number) => void
}

/** How long and how often a piece of work is tried. */
export interface Undertaken extends Waiting {
  /** whether the attempt that failed got something done that lasts; default: never */
  readonly hasProgressed?: () => boolean
}

export interface Wire {
  readonly host: string
  readonly pace: Pace
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
    work: (signal: AbortSignal | undefined, attempt: number) => Promise<T>,
    options?: Undertaken,
  ) => Promise<T>
  readonly close: () => void
}

export interface WireOptions extends Waiting {
  readonly tally?: Tally | undefined
  readonly emit?: ((event: RegistryEvent) => void) | undefined
  readonly credentials?: CredentialSource | undefined
  readonly settings?: HostSettingsSource | undefined
  readonly attempts?: number | undefined
  readonly clock: Clock
  /** requests without a large body at the same time */
  readonly requests: number
  /** uploads at the same time */
  readonly uploads: number
  readonly timeouts?: Timeouts | undefined
  readonly reachOf?: HttpClientOptions['reachOf']
}

/** Limits in milliseconds, for tests; the defaults are those of the HTTP client, and five minutes for a commit. */
export type Timeouts = Pick<HttpClientOptions, 'connectTimeoutMs' | 'answerTimeoutMs' | 'idleTimeoutMs'> & {
  readonly commitTimeoutMs?: number | undefined
}

/** Committing a large blob can take a registry minutes: it may copy it to its storage first. */
const commitTimeoutMs = 300_000

export function openWire(host: string, options: WireOptions): Wire {
  const { clock, tally, emit = () => {} } = options
  const { timeouts = {} } = options
  const channel = openChannel(host, { ...options, sockets: options.requests + options.uploads })
  const pace = newPace(options)
  const authorization = newAuthorization({
    host,
    client: channel.client,
    isPlain: channel.isPlain,
    clock,
    credentials: options.credentials,
    onRequest: () => countRequest(tally, 'token'),
  })
  const alone = firstAlone()

  async function send(question: Question, authorization: string | undefined): Promise<HttpResponse> {
    return channel.send({
      method: question.method,
      path: question.path,
      authorization,
      headers: question.headers,
      body: question.body,
      signal: question.signal,
      ...(question.isCommit && { answerTimeoutMs: timeouts.commitTimeoutMs ?? commitTimeoutMs }),
      onRequest: () => countRequest(tally, question.purpose),
      onBytes(count) {
        if (tally) tally.bytesSent += count
        question.onBytes?.(count)
      },
    })
  }

  /** A 429 counts for everybody at once. */
  function slow(delayMs: number): void {
    if (pace.slow(delayMs)) emit({ kind: 'registry-slowed', registry: host, delayMs, ...pace.slots() })
  }

  async function open(question: Question): Promise<HttpResponse> {
    const { signal, method } = question
    signal?.throwIfAborted()
    await pace.quiet({ signal })
    const { scopes, soon } = question
    let used = await authorization.header(scopes, { signal, soon })
    let response = await send(question, used)
    for (const isSoonRefused of soon ? [false, true] : [false]) {
      // Nobody but the registry says where its tokens come from, least of all the storage it sends us to.
      if (response.status !== 401 || !channel.isOwn(response.url)) break
      const challenge = response.headers['www-authenticate']
      const options = { signal, rejected: used, soon, isSoonRefused }
      const renewed = await authorization.renew(challenge, scopes, options)
      if (renewed === undefined) break
      response.discard()
      used = renewed
      response = await send(question, used)
    }
    if (response.status !== 429) pace.answered()
    if (question.accept.includes(response.status)) return response
    try {
      const isForeign = !channel.isOwn(response.url)
      const who = isForeign ? `${response.url.host}, where the registry sent us,` : 'the registry'
      const details = { method, who, isForeign, now: clock.now() }
      const credentials = isForeign ? undefined : authorization.shown(scopes)
      const answer = await readBadAnswer(response, { ...details, credentials })
      if (answer.status === 429 && answer.retryAfterMs !== undefined) slow(answer.retryAfterMs)
      throw answer
    } finally {
      response.discard()
    }
  }

  const openInTurn = (question: Question) =>
    alone(() => (question.isUpload ? open(question) : pace.request(() => open(question))))

  return {
    host,
    pace,
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
      let total = 0
      try {
        return await retry(
          (attempt) => {
            attempts = attempt
            return work(signal, ++total)
          },
          {
            signal,
            clock,
            judge,
            attempts: options.attempts,
            hasProgressed: waiting.hasProgressed,
            onRetry({ reason, ...waits }) {
              emit({ kind: 'registry-retry', registry: host, what: undertaking.what, reason, ...waits })
              if (reason === '429') slow(waits.delayMs)
            },
          },
        )
      } catch (error) {
        throw explain(error, { ...undertaking, host }, attempts)
      }
    },
    close: channel.client.close,
  }
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
