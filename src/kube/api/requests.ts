/** Requests to one API server: sent as somebody, repeated while it makes sense, answered with JSON or a failure. */
import { Failure, isAbort, systemCode, type Waiting } from '../../base/index.ts'
import {
  openHttpClient,
  parseRetryAfter,
  readAtMost,
  retry,
  systemClock,
  transportVerdict,
  unknownAuthority,
  type Clock,
  type HttpClient,
  type Retried,
  type Verdict,
} from '../../http/index.ts'
import type { ClusterConnection } from '../config/connection.ts'
import { ApiFailure } from './api-failure.ts'
import { newAuthorization, type Credential } from './authorization.ts'
import { explainStatus } from './explain-status.ts'

export interface ApiRequest extends Waiting {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** with its query: `/api/v1/namespaces?limit=1` */
  readonly path: string
  readonly body?: unknown
  /** default `application/json` */
  readonly contentType?: string
  /** for messages: `apply Deployment shop/web` */
  readonly doing: string
}

export interface Requests {
  /** @throws ApiFailure, Failure CLUSTER_UNREACHABLE | CLUSTER_UNAUTHORIZED, the signal's reason */
  readonly send: (request: ApiRequest) => Promise<unknown>
  readonly close: () => void
}

export interface RequestsOptions {
  readonly env: Readonly<Record<string, string | undefined>>
  /** limit for one answer, default 30,000 ms */
  readonly timeoutMs?: number | undefined
  /** waiting in all for a server that does not answer, or asks to wait; default 45,000 ms */
  readonly patienceMs?: number | undefined
  /** told of each request that is to be repeated */
  readonly onRetry?: ((doing: string, retried: Retried) => void) | undefined
  /** told of each request that goes out */
  readonly onRequest?: ((method: string, path: string) => void) | undefined
  readonly clock?: Clock | undefined
  readonly userAgent: string
}

/** Lists of large clusters come in pages, so no answer is near it. */
const longestAnswer = 64 << 20

export function openRequests(connection: ClusterConnection, options: RequestsOptions): Requests {
  const { timeoutMs = 30_000, patienceMs = 45_000, clock = systemClock } = options
  const authorization = newAuthorization(connection, { env: options.env, clock })
  let hasAnswered = false
  let http: { readonly client: HttpClient; readonly certificate: Credential['certificate'] } | undefined

  function clientFor(certificate: Credential['certificate']): HttpClient {
    if (http && http.certificate === certificate) return http.client
    http?.client.close()
    http = { certificate, client: openClient(connection, certificate, { env: options.env, timeoutMs }) }
    return http.client
  }

  async function attempt(request: ApiRequest, isSecond = false): Promise<unknown> {
    const { method, path, signal, doing } = request
    const { headers, certificate } = await authorization.current({ signal })
    const body = request.body === undefined ? undefined : Buffer.from(JSON.stringify(request.body))
    options.onRequest?.(method, path)
    const response = await clientFor(certificate).send({
      method,
      url: `${connection.server}${path}`,
      signal,
      redirect: 'manual',
      headers: {
        accept: 'application/json',
        'user-agent': options.userAgent,
        ...headers,
        ...(body && { 'content-type': request.contentType ?? 'application/json' }),
      },
      ...(body && {
        body: {
          size: body.length,
          async *open() {
            yield body
          },
        },
      }),
    })
    const bytes = await readAtMost(response.body, longestAnswer)
    hasAnswered = true
    const { status } = response
    if (status === 401 && !isSecond && authorization.refused()) return attempt(request, true)
    const answer = parseJson(bytes)
    if (status >= 200 && status < 300 && answer !== undefined) return answer
    const retryAfterMs = parseRetryAfter(response.headers['retry-after'], clock.now())
    throw explainStatus({ status, body: answer ?? textOf(bytes), retryAfterMs, doing })
  }

  return {
    async send(request) {
      try {
        return await retry(() => attempt(request), {
          attempts: 12,
          budgetMs: patienceMs,
          signal: request.signal,
          clock,
          judge: (error) => judge(error, hasAnswered),
          onRetry: (retried) => options.onRetry?.(request.doing, retried),
        })
      } catch (error) {
        request.signal?.throwIfAborted()
        throw describeBreak(error, request.doing, connection)
      }
    },
    close: () => http?.client.close(),
  }
}

/** Every request is one that can be repeated: applies and deletions are of things with names. */
function judge(error: unknown, hasAnswered: boolean): Verdict | undefined {
  if (error instanceof ApiFailure)
    return error.isLasting ? undefined : { reason: String(error.status), afterMs: error.retryAfterMs }
  const verdict = transportVerdict(error)
  // Each attempt at a server that stalls takes all the time that an answer may take.
  if (verdict?.reason === 'ETIMEDOUT') return { reason: verdict.reason, repeats: 2 }
  // A server that has been there comes back; an address that never answered is more likely wrong.
  return verdict && hasAnswered ? { reason: verdict.reason } : verdict
}

function openClient(
  { server, authorities, isUnverified, serverName, proxyUrl }: ClusterConnection,
  certificate: Credential['certificate'],
  { env, timeoutMs }: { readonly env: RequestsOptions['env']; readonly timeoutMs: number },
): HttpClient {
  return openHttpClient({
    proxyEnv: proxyUrl === undefined ? env : { https_proxy: proxyUrl, http_proxy: proxyUrl },
    answerTimeoutMs: timeoutMs,
    idleTimeoutMs: timeoutMs,
    tls: {
      ...(authorities !== undefined && { authorities: [authorities], trustsOnlyThem: true }),
      ...(certificate && { certificates: [certificate] }),
      ...(isUnverified && { unverified: new URL(server).hostname }),
      serverName,
    },
  })
}

function describeBreak(error: unknown, doing: string, { server, from }: ClusterConnection): unknown {
  const code = systemCode(error)
  if (error instanceof Failure || isAbort(error) || code === undefined) return error
  const { message } = error as Error
  if (unknownAuthority.has(code) || /^(?:ERR_TLS_|CERT_)/.test(code))
    return new Failure('CLUSTER_UNREACHABLE', `cannot ${doing}: ${server} is not trusted (${message})`, {
      hint: `${from} says whom to trust: certificate-authority, tls-server-name`,
      cause: error,
    })
  const why =
    code === 'ECONNREFUSED' ? 'nothing listens there' : code === 'ETIMEDOUT' ? message : `${code}: ${message}`
  return new Failure('CLUSTER_UNREACHABLE', `cannot ${doing}: ${server} does not answer (${why})`, {
    hint: `it is the server of ${from}`,
    cause: error,
  })
}

function parseJson(bytes: Uint8Array | undefined): unknown {
  try {
    return JSON.parse(textOf(bytes))
  } catch {
    return undefined
  }
}

function textOf(bytes: Uint8Array | undefined): string {
  return Buffer.from(bytes ?? []).toString()
}
