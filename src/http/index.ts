/**
 * One HTTP/1.1 client for everything that talks to servers: kept-alive sockets, streamed bodies of known length,
 * redirects, time limits, abort, redaction, and the policy of repeating what failed. Prints nothing.
 * `docs/adr/0002-http-client.md` says why it stands on `node:http`.
 */
export { openHttpClient, unknownAuthority, type HttpClient, type HttpClientOptions } from './client.ts'
export type { TlsOptions } from './connections.ts'
export type { ProxyEnvironment } from './proxy.ts'
export { systemClock, type Clock } from './clock.ts'
export type { HttpBody, HttpRequest, HttpResponse } from './exchange.ts'
export { joinChunks, readAtMost } from './read.ts'
export { reachOf, type Reach } from './reach.ts'
export { redactUrl } from './redact.ts'
export {
  parseRetryAfter,
  retry,
  statusVerdict,
  transportVerdict,
  type Retried,
  type RetryOptions,
  type Verdict,
} from './retry.ts'
