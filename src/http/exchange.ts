/**
 * One request and its answer over one socket (RFC 9112). Bodies have a known length, so they are never chunked.
 */
import type { ClientRequest, IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { Waiting } from '../base/index.ts'
import { newDeadline, type Deadline } from './deadline.ts'
import { pump } from './pump.ts'
import { isNearer, nearerFailure, type Reach } from './reach.ts'

/** A body that can be sent again. */
export interface HttpBody {
  /** exact number of bytes, sent as Content-Length */
  readonly size: number
  /** opened once for every time the request goes out */
  readonly open: (options: Waiting) => AsyncIterable<Uint8Array>
}

export interface HttpRequest extends Waiting {
  readonly method: string
  /** `http:` or `https:`; user-info in it is ignored */
  readonly url: URL | string
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly body?: HttpBody | undefined
  /** what to do with 301, 302, 303, 307, 308; default: follow up to ten */
  readonly redirect?: 'follow' | 'manual'
  /** how near the address may be at most, for clients that guard it; default: any */
  readonly notNearerThan?: Reach | undefined
  /** limit for the answer's headers after the body is sent, default 60,000 ms */
  readonly answerTimeoutMs?: number | undefined
  /** called each time the request goes out: first attempt, redirects, a stale socket replaced */
  readonly onRequest?: ((url: URL) => void) | undefined
  /** called with the size of each part of the body that was handed to the socket */
  readonly onBytes?: ((count: number) => void) | undefined
}

/** A request on its way to one address. */
export type Hop = Omit<HttpRequest, 'url'> & { readonly url: URL }

/** An answer whose body is still on the wire: read it or discard it, else its socket stays taken. */
export interface HttpResponse {
  readonly status: number
  /** by lower-case name; repeated headers joined by `, ` */
  readonly headers: Readonly<Record<string, string | undefined>>
  /** the address that answered, after redirects */
  readonly url: URL
  /** how near the other end of the connection is, be it the server or a proxy */
  readonly reach: Reach | undefined
  /**
   * Can be read once. A broken connection is an error with a system code, an abort the signal's reason.
   * Leaving the loop early closes the connection.
   */
  readonly body: AsyncIterable<Uint8Array>
  /** lets the rest of the body go, and keeps the socket when the rest is short; may be called at any time */
  readonly discard: () => void
}

export interface ExchangeLimits {
  readonly connectTimeoutMs: number
  readonly answerTimeoutMs: number
  /** how long the peer may take or give no byte */
  readonly idleTimeoutMs: number
  readonly reachOf: (address: string) => Reach | undefined
  readonly guardsReach: boolean
  /** names and addresses that may be as near as they like */
  readonly trustedHosts: readonly string[]
}

/** What an exchange says about itself when it fails: whether its socket had been used before, how far the body got. */
export interface ExchangeState {
  reusedSocket: boolean
  chunksSent: number
  /** the error of the body's own source, which no repeat at this level can mend */
  sourceError?: unknown
}

/** A body up to this size is read to its end to save the socket. */
const longestDrain = 64 * 1024

/** Sends one request that `start` has made and resolves with the headers of the answer. */
export async function exchange(
  request: Hop,
  start: () => ClientRequest,
  limits: ExchangeLimits,
  state: ExchangeState,
): Promise<HttpResponse> {
  const { signal, body } = request
  signal?.throwIfAborted()
  const outgoing = start()
  let incoming: IncomingMessage | undefined
  const deadline = newDeadline((error) => (incoming ?? outgoing).destroy(error))
  const connecting = newDeadline((error) => outgoing.destroy(error))
  const abort = () => outgoing.destroy(new Error('aborted'))
  signal?.addEventListener('abort', abort, { once: true })
  outgoing.once('close', () => {
    deadline.clear()
    connecting.clear()
    signal?.removeEventListener('abort', abort)
  })
  try {
    const answered = answerOf(outgoing)
    watchConnection(outgoing, connecting, limits)
    watchReach(outgoing, request, limits)
    outgoing.once('finish', () => {
      if (!answered.isSettled()) deadline.set(limits.answerTimeoutMs, 'no answer')
    })
    if (body) void pump(outgoing, body, { request, deadline, limits, state })
    else outgoing.end()
    incoming = await answered.promise
    deadline.clear()
    return responseOf({ incoming, outgoing, request, deadline, limits })
  } catch (error) {
    state.reusedSocket = outgoing.reusedSocket
    outgoing.destroy()
    signal?.throwIfAborted()
    throw error
  }
}

function answerOf(outgoing: ClientRequest): { promise: Promise<IncomingMessage>; isSettled: () => boolean } {
  let settled = false
  const promise = new Promise<IncomingMessage>((resolve, reject) => {
    outgoing.once('response', (incoming) => {
      settled = true
      resolve(incoming)
    })
    // Stays for the whole life of the request: a late socket error must not become an uncaught one.
    outgoing.on('error', (error) => {
      settled = true
      reject(error)
    })
  })
  return { promise, isSettled: () => settled }
}

/** The connect limit starts with a socket of our own: waiting for a free one in the pool is not the server's fault. */
function watchConnection(outgoing: ClientRequest, deadline: Deadline, limits: ExchangeLimits): void {
  outgoing.once('socket', (socket: Socket) => {
    if (!socket.connecting) return
    deadline.set(limits.connectTimeoutMs, 'no connection')
    socket.once(outgoing.protocol === 'https:' ? 'secureConnect' : 'connect', () => deadline.clear())
  })
}

/** An address shows itself in the request, or when its name has been looked up, which is before any connection. */
function watchReach(outgoing: ClientRequest, { url, notNearerThan }: Hop, limits: ExchangeLimits): void {
  if (!limits.guardsReach || notNearerThan === undefined) return
  if (limits.trustedHosts.includes(url.hostname)) return
  const check = (address: string) => {
    const reach = limits.reachOf(address)
    if (reach && isNearer(reach, notNearerThan)) outgoing.destroy(nearerFailure(url, reach))
  }
  check(url.hostname)
  outgoing.once('socket', (socket: Socket) => {
    socket.on('lookup', (_error, address) => check(address))
  })
}

interface Answer {
  readonly incoming: IncomingMessage
  readonly outgoing: ClientRequest
  readonly request: Hop
  readonly deadline: Deadline
  readonly limits: ExchangeLimits
}

function responseOf(answer: Answer): HttpResponse {
  const { incoming, outgoing, request } = answer
  return {
    status: incoming.statusCode ?? 0,
    headers: headersOf(incoming),
    url: request.url,
    reach: answer.limits.reachOf(incoming.socket.remoteAddress ?? ''),
    body: readBody(answer),
    discard() {
      if (incoming.readableEnded || incoming.destroyed) {
        // An answer that came before the whole body was sent leaves a socket nobody can use again.
        if (!outgoing.writableFinished) outgoing.destroy()
        return
      }
      const announced = Number(incoming.headers['content-length'] ?? longestDrain + 1)
      const isEmpty = request.method === 'HEAD' || incoming.statusCode === 204
      if (outgoing.writableFinished && (isEmpty || announced <= longestDrain)) incoming.resume()
      else outgoing.destroy()
    },
  }
}

async function* readBody(answer: Answer): AsyncGenerator<Uint8Array> {
  const { incoming, outgoing, request, deadline, limits } = answer
  try {
    deadline.set(limits.idleTimeoutMs, 'no further byte')
    for await (const chunk of incoming as AsyncIterable<Uint8Array>) {
      deadline.clear()
      yield chunk
      deadline.set(limits.idleTimeoutMs, 'no further byte')
    }
  } catch (error) {
    request.signal?.throwIfAborted()
    throw error
  } finally {
    deadline.clear()
    if (!outgoing.writableFinished) outgoing.destroy()
  }
}

function headersOf(incoming: IncomingMessage): Record<string, string | undefined> {
  const headers: Record<string, string | undefined> = {}
  for (const [name, value] of Object.entries(incoming.headers)) {
    headers[name] = Array.isArray(value) ? value.join(', ') : value
  }
  return headers
}
