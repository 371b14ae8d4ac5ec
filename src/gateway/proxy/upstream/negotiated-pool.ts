/** Connections to an endpoint that is asked by ALPN whether it speaks HTTP/2, once, at the first request. */
import type { TLSSocket } from 'node:tls'
import { openSocket, type DialTarget } from './dial.ts'
import type { Pool } from './pool.ts'
import type { UpstreamReceiver, UpstreamRequest, UpstreamStream } from './upstream.ts'
import { WaitingRequest } from './waiting-request.ts'

export interface Negotiation {
  readonly target: DialTarget
  /** milliseconds until the endpoint must have said it */
  readonly timeoutMs: number
  /** the pool for what the endpoint speaks */
  readonly poolOf: (protocol: 'h2' | 'http/1.1') => Pool
}

export class NegotiatedPool implements Pool {
  readonly #negotiation: Negotiation
  readonly #waiting = new Set<WaitingRequest>()
  #chosen: Pool | undefined

  constructor(negotiation: Negotiation) {
    this.#negotiation = negotiation
  }

  send(request: UpstreamRequest, receiver: UpstreamReceiver): UpstreamStream {
    if (this.#chosen) return this.#chosen.send(request, receiver)
    const waiting = new WaitingRequest(request, receiver, () => this.#waiting.delete(waiting))
    this.#waiting.add(waiting)
    if (this.#waiting.size === 1) this.#ask()
    return waiting
  }

  retire(): void {
    this.#chosen?.retire()
  }

  destroy(): void {
    this.#chosen?.destroy()
  }

  #ask(): void {
    const { target, timeoutMs, poolOf } = this.#negotiation
    const socket = openSocket({ ...target, tls: { ...target.tls, ALPNProtocols: ['h2', 'http/1.1'] } })
    const fail = (why: string) => {
      socket.destroy()
      for (const waiting of this.#waiting) {
        this.#waiting.delete(waiting)
        waiting.fail('connect', why)
      }
    }
    socket.setTimeout(timeoutMs, () => fail(`no connection within ${timeoutMs} ms`))
    socket.on('error', (error: NodeJS.ErrnoException) =>
      fail(`no connection to the backend (${error.code ?? error.message})`),
    )
    socket.once('secureConnect', () => {
      const chosen = poolOf((socket as TLSSocket).alpnProtocol === 'h2' ? 'h2' : 'http/1.1')
      this.#chosen = chosen
      socket.destroy()
      for (const waiting of this.#waiting) {
        this.#waiting.delete(waiting)
        waiting.start(chosen)
      }
    })
  }
}
