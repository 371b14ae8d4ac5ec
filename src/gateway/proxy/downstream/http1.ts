/** HTTP/1 of clients: Node.js reads and frames it (llhttp, strict), this decides what its leniencies leave open. */
import { createServer, ServerResponse, type IncomingMessage, type Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { valueOf } from '../headers/header-list.ts'
import { lowerName } from '../headers/header-names.ts'
import type { Limits } from '../limits.ts'
import type { ResponseHead } from '../upstream/upstream.ts'
import { connectionOf, type ClientConnection } from './client-connection.ts'
import type { BodyReader, Downstream, DownstreamObserver } from './downstream.ts'
import { Http1Tunnel } from './http1-tunnel.ts'
import { refuse } from './refusal.ts'
import { splitTarget } from './request-target.ts'

export type StartExchange = (downstream: Downstream) => DownstreamObserver | undefined

export interface Http1Engine {
  /** Takes over a connection, TLS done, nothing of it read. */
  readonly serve: (socket: Duplex) => void
  readonly close: () => void
}

/** `mayUpgrade` says whether the route of a request takes the protocol it asks for. */
export function http1Engine(
  limits: Limits,
  start: StartExchange,
  mayUpgrade: (downstream: Downstream) => boolean,
): Http1Engine {
  const server = createServer(
    {
      maxHeaderSize: limits.headBytes,
      headersTimeout: limits.headTimeoutMs,
      requestTimeout: limits.requestTimeoutMs,
      keepAliveTimeout: limits.keepAliveTimeoutMs,
      connectionsCheckingInterval: Math.min(5000, limits.headTimeoutMs),
      requireHostHeader: true,
      insecureHTTPParser: false,
      optimizeEmptyRequests: true,
      noDelay: true,
      shouldUpgradeCallback: (request) => {
        const downstream = new Http1Request(request, undefined)
        // Behind answers that are due the bytes of a tunnel would be taken for one of them.
        const isAlone = downstream.isServed && downstream.connection.isIdle && !refused.has(request.socket)
        return isAlone && downstream.body === 0 && downstream.upgrade !== undefined && mayUpgrade(downstream)
      },
    },
    (request, response) => serveRequest(request, response, { limits, start, mayContinue: false }),
  )
  // Names over the limit would be dropped in silence; we count them ourselves and refuse.
  server.maxHeadersCount = 0
  server.timeout = limits.idleTimeoutMs
  // The server never listens itself, but its clock of slow heads starts only then.
  server.emit('listening')
  server.on('checkContinue', (request, response) =>
    serveRequest(request, response, { limits, start, mayContinue: true }),
  )
  server.on('checkExpectation', (request, response) => {
    refused.add(request.socket)
    response.writeHead(417, { connection: 'close' }).end()
  })
  server.on('upgrade', (request, socket, head) => serveUpgrade(request, socket, { limits, start, head }))
  server.on('connect', (_, socket) => endWith(socket, 405, 'CONNECT is not served'))
  server.on('clientError', (error, socket) => refuseBroken(error, socket))
  return { serve: (socket) => void server.emit('connection', socket), close: () => closeServer(server) }
}

/** Sockets that end with a refusal: what came behind the refused request may be part of it, and is not served. */
const refused = new WeakSet<object>()

interface Serving {
  readonly limits: Limits
  readonly start: StartExchange
}

function serveRequest(
  request: IncomingMessage,
  response: ServerResponse,
  serving: Serving & { mayContinue: boolean },
): void {
  if (refused.has(request.socket)) return
  const downstream = new Http1Request(request, response)
  downstream.mayContinue = serving.mayContinue
  const problem = downstream.problem(serving.limits)
  if (problem !== undefined) {
    refused.add(request.socket)
    // By its response, so that answers before it come first.
    const body = Buffer.from(`${problem.why}\n`)
    const head = {
      connection: 'close',
      'content-type': 'text/plain; charset=utf-8',
      'content-length': body.length,
    }
    response.writeHead(problem.status, head).end(body)
  } else {
    unfinished.set(downstream.connection, downstream)
    downstream.observe(serving.start(downstream))
  }
}

function serveUpgrade(
  request: IncomingMessage,
  socket: Duplex,
  { limits, start, head }: Serving & { head: Buffer },
): void {
  const downstream = new Http1Tunnel(request, socket, { head, timeoutMs: limits.tunnelTimeoutMs })
  downstream.observe(start(downstream))
}

const statusOf: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
}

function refuseBroken(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable) socket.destroy()
  else if (!refused.has(socket))
    endWith(socket, statusOf[error.code ?? ''] ?? 400, 'the request is not well formed')
}

/** Answers that are due go out first: what is written before them would be taken for one of them. */
function endWith(socket: Duplex, status: number, why: string): void {
  const connection = connectionOf(socket)
  const isAlone = connection === undefined || connection.isIdle || unfinished.get(connection)?.mayBeRefused
  if (isAlone) refuse(socket, status, why)
  else connection.drain()
}

/** The last request of a connection, whose body may still be on its way. */
const unfinished = new WeakMap<ClientConnection, Http1Request>()

function closeServer(server: Server): void {
  server.closeAllConnections()
  server.close()
}

/** A request whose answer goes out as HTTP/1. */
export class Http1Request implements Downstream {
  readonly isHttp2 = false
  readonly protocol: string
  readonly method: string
  readonly authority: string | undefined
  readonly target: string
  readonly headers: string[]
  readonly body: number | 'chunked'
  readonly upgrade: string | undefined
  mayContinue = false
  readonly #request: IncomingMessage
  readonly #response: ServerResponse | undefined
  readonly #connection: ClientConnection | undefined
  readonly #coding: string | undefined
  #observer: DownstreamObserver | undefined
  /** the whole body of an answer, which its end will let out together with the head */
  #held: Buffer | undefined
  #length: number | undefined
  #isChunked = false

  /** Without a response it can only be looked at. */
  constructor(request: IncomingMessage, response: ServerResponse | undefined) {
    this.#request = request
    this.#response = response
    this.#connection = connectionOf(request.socket)
    this.protocol = request.httpVersionMinor === 0 ? 'HTTP/1.0' : 'HTTP/1.1'
    this.method = request.method ?? ''
    this.headers = request.rawHeaders
    const { target, authority } = splitTarget(request.url ?? '')
    const { host, length, coding, upgrade } = readFraming(request.rawHeaders)
    this.target = target
    this.authority = authority ?? host
    this.#coding = coding
    this.body = coding === undefined ? length : 'chunked'
    this.upgrade = response === undefined ? upgrade?.toLowerCase() : undefined
  }

  get isServed(): boolean {
    return this.#connection !== undefined
  }

  get connection(): ClientConnection {
    return this.#connection as ClientConnection
  }

  /** What llhttp lets pass and we do not. */
  problem(limits: Limits): { status: number; why: string } | undefined {
    const { headers } = this
    if (!this.isServed) return { status: 400, why: 'the connection is not served any more' }
    if (headers.length / 2 > limits.headers)
      return { status: 431, why: `the request has more than ${limits.headers} headers` }
    const coding = this.#coding
    if (coding !== undefined && (this.protocol === 'HTTP/1.0' || coding.toLowerCase() !== 'chunked')) {
      return { status: 400, why: 'the Transfer-Encoding of the request is not just chunked' }
    }
    return undefined
  }

  /** Its body broke before anything of its answer was written, and it is the only one. */
  get mayBeRefused(): boolean {
    return !this.#request.complete && this.#response?.headersSent === false && this.connection.active === 1
  }

  observe(observer: DownstreamObserver | undefined): void {
    this.#observer = observer
    this.#response?.on('error', ignore)
    this.#response?.once('close', () =>
      this.#observer?.onDownstreamClose(this.#response?.writableFinished ?? false),
    )
  }

  read(reader: BodyReader): void {
    const request = this.#request
    if (this.mayContinue) this.#response?.writeContinue()
    request.on('data', (chunk: Buffer) => {
      if (!reader.onChunk(chunk)) request.pause()
    })
    request.once('end', () =>
      reader.onBodyEnd(request.rawTrailers.length > 0 ? request.rawTrailers : undefined),
    )
  }

  resume(): void {
    this.#request.resume()
  }

  inform(status: number, headers: string[]): void {
    if (status !== 103 || this.protocol === 'HTTP/1.0') return
    const link = valueOf(headers, 'link')
    if (link === undefined || this.#response?.headersSent !== false) return
    try {
      this.#response.writeEarlyHints({ link })
    } catch {
      // Node.js takes only links that are well formed; a hint is no part of the answer.
    }
  }

  respond({ status, headers, length, hasBody }: ResponseHead): void {
    const response = this.#response
    if (response === undefined || response.destroyed) return
    this.#length = length
    const mayHaveBody = this.method !== 'HEAD' && status !== 204 && status !== 304
    this.#isChunked = hasBody && mayHaveBody && length === undefined && this.protocol === 'HTTP/1.1'
    // A body that nobody reads any more would be taken for the next request.
    const isLast = this.#connection?.isDraining || (this.body !== 0 && !this.#request.complete)
    if (isLast) headers.push('connection', 'close')
    if (this.#isChunked) headers.push('transfer-encoding', 'chunked')
    response.writeHead(status, headers)
  }

  flush(): void {
    this.#response?.flushHeaders()
  }

  write(chunk: Buffer): boolean {
    const response = this.#response
    if (response === undefined) return true
    if (chunk.length === this.#length) {
      this.#held = chunk
      return true
    }
    const isFlowing = response.write(chunk)
    if (!isFlowing) response.once('drain', () => this.#observer?.onDownstreamDrain())
    return isFlowing
  }

  end(trailers?: readonly string[]): void {
    const response = this.#response
    if (response === undefined) return
    if (trailers !== undefined && this.#isChunked && this.#wantsTrailers())
      response.addTrailers(pairs(trailers))
    if (this.#held) response.end(this.#held)
    else response.end()
  }

  abort(): void {
    this.#request.socket.destroy()
  }

  #wantsTrailers(): boolean {
    return /\btrailers\b/i.test(valueOf(this.headers, 'te') ?? '')
  }
}

/** A client that leaves while it is written to is told by `close`. */
function ignore(): void {}

interface Framing {
  host: string | undefined
  length: number
  coding: string | undefined
  upgrade: string | undefined
}

/** llhttp has checked them; reading the list is several times cheaper than asking for Node.js' object of it. */
function readFraming(headers: readonly string[]): Framing {
  const framing: Framing = { host: undefined, length: 0, coding: undefined, upgrade: undefined }
  for (let i = 0; i < headers.length; i += 2) {
    const value = headers[i + 1] as string
    switch (lowerName(headers[i] as string)) {
      case 'host':
        framing.host ??= value
        break
      case 'content-length':
        framing.length = Number(value)
        break
      case 'transfer-encoding':
        framing.coding = framing.coding === undefined ? value : `${framing.coding},${value}`
        break
      case 'upgrade':
        framing.upgrade ??= value
        break
    }
  }
  return framing
}

function pairs(list: readonly string[]): [string, string][] {
  const paired: [string, string][] = []
  for (let i = 0; i < list.length; i += 2) paired.push([list[i] as string, list[i + 1] as string])
  return paired
}
