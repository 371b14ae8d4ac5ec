/**
 * Requests over a pool of kept-alive sockets, with redirects followed and stale sockets replaced.
 * Repeating what failed is the caller's choice: see `retry`.
 */
import { systemCode } from '../base/index.ts'
import { openConnections, type ConnectionOptions, type Connections } from './connections.ts'
import {
  exchange,
  type ExchangeLimits,
  type ExchangeState,
  type Hop,
  type HttpRequest,
  type HttpResponse,
} from './exchange.ts'
import { isNearer, reachOf, type Reach } from './reach.ts'

export interface HttpClientOptions extends Omit<ConnectionOptions, 'sockets'> {
  /** sockets for one origin, default 16; further requests wait */
  readonly sockets?: number | undefined
  /** limit for name lookup, TCP and TLS together, default 15,000 ms */
  readonly connectTimeoutMs?: number | undefined
  /** limit for the answer's headers after the body is sent, default 60,000 ms */
  readonly answerTimeoutMs?: number | undefined
  /** limit for a pause of the peer in the middle of a body, default 60,000 ms */
  readonly idleTimeoutMs?: number | undefined
  /**
   * refuse redirects, and requests with `notNearerThan`, that lead nearer to this machine than the server that asked
   * for them; default: not looked at
   */
  readonly guardsReach?: boolean | undefined
  /** names and addresses, as URLs have them, that this does not concern; default: none */
  readonly trustedHosts?: readonly string[] | undefined
  /** default: by the ranges of addresses */
  readonly reachOf?: ((address: string) => Reach | undefined) | undefined
}

export interface HttpClient {
  /**
   * Sends a request and resolves with the answer's headers, whatever its status.
   * Redirects are followed for GET and HEAD, and for other methods on 307 and 308 with the body opened again;
   * Authorization goes to the first origin only. A kept-alive socket that the server had closed meanwhile is replaced.
   * @throws system errors (ECONNREFUSED, ECONNRESET, ETIMEDOUT, …) as Node.js makes them; EREDIRECTS after ten redirects;
   *   Failure CONTENT_MISMATCH when the body has not the size it announced; Failure REGISTRY_REFUSED for an address that
   *   is too near; whatever the body's source throws, as it is; the signal's reason
   */
  readonly send: (request: HttpRequest) => Promise<HttpResponse>
  /** ends all sockets, also those in use */
  readonly close: () => void
}

const defaults = {
  sockets: 16,
  connectTimeoutMs: 15_000,
  answerTimeoutMs: 60_000,
  idleTimeoutMs: 60_000,
  redirects: 10,
}

/** A client with its own sockets; it keeps no process alive once they are idle. */
export function openHttpClient(options: HttpClientOptions = {}): HttpClient {
  const limits: ExchangeLimits = {
    connectTimeoutMs: options.connectTimeoutMs ?? defaults.connectTimeoutMs,
    answerTimeoutMs: options.answerTimeoutMs ?? defaults.answerTimeoutMs,
    idleTimeoutMs: options.idleTimeoutMs ?? defaults.idleTimeoutMs,
    reachOf: options.reachOf ?? reachOf,
    guardsReach: options.guardsReach ?? false,
    trustedHosts: options.trustedHosts ?? [],
  }
  const connections = openConnections({ ...options, sockets: options.sockets ?? defaults.sockets })
  return {
    send: (request) => follow(request, (hop) => sendOnce(hop, connections, limits)),
    close: connections.close,
  }
}

/** How OpenSSL says that it does not know who signed a certificate. */
export const unknownAuthority: ReadonlySet<string> = new Set([
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
])

async function follow(
  request: HttpRequest,
  sendHop: (hop: Hop) => Promise<HttpResponse>,
): Promise<HttpResponse> {
  let hop: Hop = { ...request, url: withoutUserInfo(new URL(String(request.url))) }
  for (let hops = 0; ; hops++) {
    const response = await sendHop(hop)
    const target = request.redirect === 'manual' ? undefined : redirectTarget(hop, response)
    if (!target) return response
    response.discard()
    if (hops === defaults.redirects) {
      throw Object.assign(new Error(`more than ${defaults.redirects} redirects`), { code: 'EREDIRECTS' })
    }
    const headers = target.origin === hop.url.origin ? hop.headers : withoutCredentials(hop.headers)
    const notNearerThan = farther(response.reach, hop.notNearerThan)
    hop = { ...hop, url: target, headers, notNearerThan }
  }
}

function farther(one: Reach | undefined, other: Reach | undefined): Reach | undefined {
  return one === undefined || (other !== undefined && isNearer(one, other)) ? other : one
}

function redirectTarget(hop: Hop, response: HttpResponse): URL | undefined {
  const { status, headers } = response
  const keepsMethod = status === 307 || status === 308
  const isFollowed =
    keepsMethod || ((status === 301 || status === 302 || status === 303) && /^(GET|HEAD)$/.test(hop.method))
  const location = headers['location']
  if (!isFollowed || location === undefined || !URL.canParse(location, hop.url.href)) return undefined
  const target = new URL(location, hop.url)
  return /^https?:$/.test(target.protocol) ? withoutUserInfo(target) : undefined
}

/** Node.js would turn user-info into an Authorization header. */
function withoutUserInfo(url: URL): URL {
  url.username = ''
  url.password = ''
  return url
}

function withoutCredentials(headers: HttpRequest['headers']): HttpRequest['headers'] {
  const entries = Object.entries(headers ?? {})
  return Object.fromEntries(entries.filter(([name]) => !/^(authorization|cookie)$/i.test(name)))
}

/** Errors of TLS do not say whose certificate it was. */
function withPeer(error: unknown, { host }: URL): unknown {
  return systemCode(error) === undefined ? error : Object.assign(error as Error, { peer: host })
}

/**
 * A server may close an idle socket at the moment we write to it. Nothing was processed then, so the request goes out
 * again at once on a socket of its own. With more than one chunk of body gone it was another kind of break.
 */
async function sendOnce(hop: Hop, connections: Connections, limits: ExchangeLimits): Promise<HttpResponse> {
  const state: ExchangeState = { reusedSocket: false, chunksSent: 0 }
  const merged = { ...limits, ...(hop.answerTimeoutMs && { answerTimeoutMs: hop.answerTimeoutMs }) }
  const start = (isFresh: boolean) => () => {
    hop.onRequest?.(hop.url)
    return connections.start(hop, isFresh)
  }
  const trustsSystem = connections.trustsSystem()
  try {
    return await exchange(hop, start(false), merged, state)
  } catch (error) {
    const code = systemCode(error) ?? ''
    // Its authority may be one of this machine only, as those of companies are. Nothing was sent yet.
    if (unknownAuthority.has(code) && !trustsSystem) {
      connections.trustSystem()
      return sendOnce(hop, connections, limits)
    }
    const isStale =
      state.reusedSocket &&
      state.sourceError === undefined &&
      state.chunksSent <= 1 &&
      (code === 'ECONNRESET' || code === 'EPIPE')
    if (!isStale) throw state.sourceError === undefined ? withPeer(error, hop.url) : error
    return await exchange(hop, start(true), merged, { reusedSocket: false, chunksSent: 0 })
  }
}
