/** HTTP/2 of clients, by ALPN or prior knowledge: Node.js (nghttp2) frames it, this turns streams into exchanges. */
import { constants, createServer, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2'
import type { Duplex } from 'node:stream'
import type { Limits } from '../limits.ts'
import type { ClientConnection } from './client-connection.ts'
import type { Http2Engine } from './engines.ts'
import type { StartExchange } from './http1.ts'
import { Http2Request } from './http2-request.ts'
import { readHttp2Head } from './http2-head.ts'

/** milliseconds between the two GOAWAY of a graceful end: what the client sent meanwhile is still served */
const goodbyeMs = 1000

/** streams a client may open and reset at once, and one by one each second after that (CVE-2023-44487) */
const resetBurst = 200
const resetRate = 30

export function http2Engine(limits: Limits, start: StartExchange): Http2Engine {
  const connections = new WeakMap<ServerHttp2Session, ClientConnection>()
  const sessions = new Set<ServerHttp2Session>()
  let arriving: ClientConnection | undefined
  const server = createServer({
    settings: {
      maxConcurrentStreams: limits.streams,
      maxHeaderListSize: limits.headBytes,
      initialWindowSize: 256 * 1024,
    },
    maxHeaderListPairs: limits.headers + 8,
    streamResetBurst: resetBurst,
    streamResetRate: resetRate,
    maxSessionInvalidFrames: 100,
    maxSessionRejectedStreams: 100,
    maxSettings: 32,
    maxSendHeaderBlockLength: limits.headBytes * 4,
  })
  server.on('session', (session) => {
    if (arriving === undefined) return session.destroy()
    const connection = arriving
    connections.set(session, connection)
    sessions.add(session)
    connection.sayGoodbye = () => sayGoodbye(session)
    session.once('close', () => sessions.delete(session))
    session.on('error', () => {})
    session.setTimeout(limits.keepAliveTimeoutMs, () => {
      if (connection.isIdle) session.close()
    })
    return undefined
  })
  server.on('sessionError', () => {})
  server.on('stream', (stream, _, flags, headers) => {
    const connection = stream.session && connections.get(stream.session as ServerHttp2Session)
    if (connection === undefined) stream.close(constants.NGHTTP2_REFUSED_STREAM)
    else serveStream({ stream, headers: headers as unknown as string[], flags, connection }, limits, start)
  })
  return {
    serve(socket: Duplex, connection: ClientConnection) {
      arriving = connection
      try {
        server.emit('connection', socket)
      } finally {
        arriving = undefined
      }
    },
    close: () => sessions.forEach((session) => session.destroy()),
  }
}

interface Arrived {
  readonly stream: ServerHttp2Stream
  /** with pseudo headers */
  readonly headers: readonly string[]
  readonly flags: number
  readonly connection: ClientConnection
}

function serveStream(
  { stream, headers, flags, connection }: Arrived,
  limits: Limits,
  start: StartExchange,
): void {
  stream.on('error', () => {})
  const head = readHttp2Head(headers, (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0)
  if (typeof head === 'string') {
    refuseStream(stream, 400, head)
    return
  }
  if (head.method === 'CONNECT') {
    refuseStream(stream, 405, 'CONNECT is not served')
    return
  }
  stream.setTimeout(limits.idleTimeoutMs, () => stream.close(constants.NGHTTP2_CANCEL))
  const downstream = new Http2Request(stream, head, connection)
  downstream.observe(start(downstream))
}

function refuseStream(stream: ServerHttp2Stream, status: number, why: string): void {
  stream.respond({ ':status': status, 'content-type': 'text/plain; charset=utf-8' })
  stream.end(`${why}\n`)
}

/** First "no more streams", then, when what crossed it has come, the number of the last one that is served (RFC 9113 section 6.8). */
function sayGoodbye(session: ServerHttp2Session): void {
  if (session.destroyed) return
  session.goaway(constants.NGHTTP2_NO_ERROR, 2 ** 31 - 1)
  setTimeout(() => session.close(), goodbyeMs).unref()
}
