/** What an echo pod answers to HTTP: the request as it came, in JSON (contract of the official suite's backend). */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createHttp2Server, type Http2Server } from 'node:http2'
import { createServer as createHttpsServer, type Server as HttpsServer } from 'node:https'
import type { TLSSocket } from 'node:tls'
import { setTimeout as delay } from 'node:timers/promises'
import type { Pair } from '../suite-certificates.ts'
import { acceptWebSocket } from './web-socket.ts'

export interface EchoIdentity {
  readonly pod: string
  readonly namespace: string
  readonly service: string
}

/** The JSON of an answer. */
export interface Echo extends EchoIdentity {
  /** with the query */
  readonly path: string
  readonly host: string
  readonly method: string
  readonly proto: string
  /** names in lower case, several values joined with `,` */
  readonly headers: Readonly<Record<string, string>>
  readonly tls?: { readonly serverName: string; readonly peer?: string }
}

/** Counts of one pod that tests look at. */
export interface EchoLog {
  readonly requests: { readonly path: string; readonly headers: Readonly<Record<string, string>> }[]
  /** tries of `/retry`, by uuid */
  readonly tries: Map<string, number>
}

export function echoHttpServer(identity: EchoIdentity, log: EchoLog): Server {
  const server = createServer((request, response) => void answer(identity, log, request, response))
  server.on('upgrade', (request, socket) => acceptWebSocket(request, socket))
  return server
}

export function echoH2cServer(identity: EchoIdentity, log: EchoLog): Http2Server {
  return createHttp2Server((request, response) => {
    void answer(identity, log, request as unknown as IncomingMessage, response as unknown as ServerResponse)
  })
}

/** Asks for a certificate of the client and takes any of `clientAuthority`, or none. */
export function echoHttpsServer(
  identity: EchoIdentity,
  log: EchoLog,
  certificate: Pair,
  clientAuthority: string,
): HttpsServer {
  return createHttpsServer(
    {
      cert: certificate['tls.crt'],
      key: certificate['tls.key'],
      ca: clientAuthority,
      requestCert: true,
      rejectUnauthorized: false,
    },
    (request, response) => void answer(identity, log, request, response),
  )
}

async function answer(
  identity: EchoIdentity,
  log: EchoLog,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://echo')
  const headers = headersOf(request)
  log.requests.push({ path: request.url ?? '', headers })
  request.resume()
  if (url.pathname.startsWith('/retry')) {
    if (await failsTry(url.searchParams, log, response)) return
  }
  const wait = /^(\d+)(ms|s)$/.exec(url.searchParams.get('delay') ?? '')
  if (wait) await delay(Number(wait[1]) * (wait[2] === 's' ? 1000 : 1), undefined, { ref: false })
  const status = /^\/status\/(\d{3})$/.exec(url.pathname)?.[1]
  for (const [name, value] of headersToSet(headers['x-echo-set-header'])) response.appendHeader(name, value)
  const { encrypted } = request.socket as TLSSocket
  const body: Echo = {
    ...identity,
    path: request.url ?? '',
    host: headers[':authority'] ?? request.headers.host ?? '',
    method: request.method ?? '',
    proto: `HTTP/${request.httpVersion}`,
    headers,
    ...(encrypted ? { tls: tlsOf(request.socket as TLSSocket) } : {}),
  }
  response.writeHead(Number(status ?? 200), { 'content-type': 'application/json' })
  response.end(JSON.stringify(body))
}

function headersOf(request: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {}
  for (let at = 0; at < request.rawHeaders.length; at += 2) {
    const name = (request.rawHeaders[at] ?? '').toLowerCase()
    const value = request.rawHeaders[at + 1] ?? ''
    headers[name] = name in headers ? `${headers[name]},${value}` : value
  }
  return headers
}

/** `name:value,other:value` */
function headersToSet(text = ''): [name: string, value: string][] {
  return text
    .split(',')
    .filter((item) => item.includes(':'))
    .map((item) => [item.slice(0, item.indexOf(':')).trim(), item.slice(item.indexOf(':') + 1).trim()])
}

/** `succeedAfter` tries of a uuid fail: with `responseCode`, or with a reset of the connection; late by `delayRetry`. */
async function failsTry(query: URLSearchParams, log: EchoLog, response: ServerResponse): Promise<boolean> {
  const uuid = query.get('uuid') ?? ''
  const tries = (log.tries.get(uuid) ?? 0) + 1
  log.tries.set(uuid, tries)
  const succeedAfter = Number(query.get('succeedAfter') ?? 0)
  const wait = /^(\d+)(ms|s)$/.exec(query.get('delayRetry') ?? '')
  if (tries > succeedAfter) return false
  if (wait) await delay(Number(wait[1]) * (wait[2] === 's' ? 1000 : 1), undefined, { ref: false })
  const code = query.get('responseCode')
  if (code === null && !wait) response.socket?.resetAndDestroy()
  else response.writeHead(Number(code ?? 500)).end()
  return true
}

function tlsOf(socket: TLSSocket): NonNullable<Echo['tls']> {
  const peer = socket.getPeerCertificate() as { raw?: Buffer }
  const { servername } = socket as TLSSocket & { servername: string | false }
  return {
    serverName: servername || '',
    ...(peer.raw ? { peer: peer.raw.toString('base64') } : {}),
  }
}
