/** Connections to one HTTP/2 endpoint: as many streams on each as the backend allows, then another connection. */
import { connect as connectHttp2, type ClientHttp2Session } from 'node:http2'
import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { openSocket, type DialTarget } from './dial.ts'
import { Http2Stream } from './http2-stream.ts'
import type { Pool, PoolOptions } from './pool.ts'
import type { UpstreamFailure, UpstreamReceiver, UpstreamRequest, UpstreamStream } from './upstream.ts'
import type { Usage } from './usage.ts'
import { WaitingRequest } from './waiting-request.ts'

/** streams until a backend says how many it allows */
const streamsAtFirst = 100

interface Session {
  readonly session: ClientHttp2Session
  streams: number
  served: number
  isOpen: boolean
  /** why it broke before it stood */
  failure: UpstreamFailure | undefined
  readonly waiting: Set<WaitingRequest>
}

export class Http2Pool implements Pool {
  readonly #target: DialTarget
  readonly #options: PoolOptions
  readonly #usage: Usage
  readonly #sessions = new Set<Session>()
  #isRetired = false

  constructor(target: DialTarget, options: PoolOptions, usage: Usage) {
    this.#target = target
    this.#options = options
    this.#usage = usage
  }

  send(request: UpstreamRequest, receiver: UpstreamReceiver): UpstreamStream {
    const session = this.#find() ?? this.#open()
    session.streams++
    session.served++
    if (session.isOpen) return this.#begin(session, request, receiver)
    const waiting = new WaitingRequest(request, receiver, () => {
      if (session.waiting.delete(waiting)) this.#ended(session)
    })
    session.waiting.add(waiting)
    return waiting
  }

  retire(): void {
    this.#isRetired = true
    for (const { session } of this.#sessions) session.close()
  }

  destroy(): void {
    this.#isRetired = true
    for (const { session } of this.#sessions) session.destroy()
  }

  #begin(session: Session, request: UpstreamRequest, receiver: UpstreamReceiver): UpstreamStream {
    return new Http2Stream(session.session, {
      request,
      receiver,
      isReused: session.served > 1,
      onClose: () => this.#ended(session),
    })
  }

  #ended(session: Session): void {
    session.streams--
    if (session.streams === 0 && (this.#isRetired || this.#isFull(session))) session.session.close()
  }

  #find(): Session | undefined {
    for (const session of this.#sessions) {
      const { session: http2, streams } = session
      const most = http2.remoteSettings?.maxConcurrentStreams ?? streamsAtFirst
      if (!http2.closed && !http2.destroyed && streams < most && !this.#isFull(session)) return session
    }
    return undefined
  }

  #isFull({ served }: Session): boolean {
    return this.#options.maxRequests > 0 && served >= this.#options.maxRequests
  }

  #open(): Session {
    this.#usage.connections++
    const socket = this.#dial()
    const http2 = connectHttp2('http://backend.invalid', {
      createConnection: () => socket,
      settings: { enablePush: false, initialWindowSize: 1024 * 1024 },
      maxSessionMemory: 64,
    })
    const session: Session = {
      session: http2,
      streams: 0,
      served: 0,
      isOpen: false,
      failure: undefined,
      waiting: new Set(),
    }
    this.#sessions.add(session)
    const { connectTimeoutMs, idleTimeoutMs } = this.#options
    const timer = setTimeout(
      () => this.#fail(session, `no connection within ${connectTimeoutMs} ms`),
      connectTimeoutMs,
    )
    // The first SETTINGS prove that it speaks HTTP/2, and say how many streams it takes.
    http2.once('remoteSettings', () => {
      clearTimeout(timer)
      session.isOpen = true
      http2.setTimeout(idleTimeoutMs, () => session.streams === 0 && http2.close())
      for (const waiting of session.waiting) {
        session.waiting.delete(waiting)
        waiting.start({ send: (request, receiver) => this.#begin(session, request, receiver) })
      }
    })
    http2.on('error', (error) => this.#fail(session, `no connection to the backend (${codeOf(error)})`))
    http2.once('goaway', () => this.#sessions.delete(session))
    http2.once('close', () => {
      clearTimeout(timer)
      this.#usage.connections--
      this.#sessions.delete(session)
      this.#fail(session, 'the backend closed the connection at once: it may not speak HTTP/2')
    })
    return session
  }

  /** Requests that wait for the connection fail with it; streams that run are told by themselves. */
  #fail(session: Session, message: string): void {
    this.#sessions.delete(session)
    for (const waiting of session.waiting) {
      session.waiting.delete(waiting)
      session.streams--
      waiting.fail('connect', message)
    }
    if (!session.isOpen) session.session.destroy()
  }

  #dial(): Socket {
    const socket = openSocket(this.#target)
    socket.once('secureConnect', () => {
      const { alpnProtocol } = socket as TLSSocket
      if (alpnProtocol !== 'h2') socket.destroy(new Error('the backend does not offer HTTP/2'))
    })
    return socket
  }
}

function codeOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException
  return code === undefined || code === 'ERR_HTTP2_ERROR' ? message : code
}
