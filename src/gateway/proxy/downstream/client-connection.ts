/** A connection of a client, and what is known of it before it says anything. */
import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { HttpChain } from '../serving.ts'

export interface Origin {
  /** what bytes are read from, TLS done */
  readonly socket: Socket
  /** name of the listener */
  readonly listener: string
  /** address of the client, or of the proxy in front of us */
  readonly peer: string
  readonly tls?: TLSSocket | undefined
  /** what the listener serves now; nothing when the chain is gone */
  readonly chain: () => HttpChain | undefined
}

export class ClientConnection {
  readonly socket: Socket
  readonly listener: string
  readonly peer: string
  readonly tls: TLSSocket | undefined
  /** no further request is to come */
  isDraining = false
  /** tells an HTTP/2 client that it is drained; its session ends by itself */
  sayGoodbye: (() => void) | undefined
  /** requests whose answers are not out */
  active = 0
  #last: HttpChain | undefined
  readonly #chain: () => HttpChain | undefined

  constructor({ socket, listener, peer, tls, chain }: Origin) {
    this.socket = socket
    this.listener = listener
    this.peer = peer
    this.tls = tls
    this.#chain = chain
    this.#last = chain()
  }

  /** By what a request is served: looked up anew for each, as a reload may change it. A chain that went away serves on. */
  chain(): HttpChain | undefined {
    const now = this.#chain()
    if (now === undefined) this.isDraining = true
    else this.#last = now
    return this.#last
  }

  get isIdle(): boolean {
    return this.active === 0
  }

  began(): void {
    this.active++
  }

  ended(): void {
    this.active--
    if (this.isDraining) this.#closeWhenIdle()
  }

  drain(): void {
    if (this.isDraining) return
    this.isDraining = true
    if (this.sayGoodbye) this.sayGoodbye()
    else this.#closeWhenIdle()
  }

  #closeWhenIdle(): void {
    if (this.active === 0 && this.sayGoodbye === undefined) this.socket.end()
  }
}

const connections = new WeakMap<object, ClientConnection>()

/** Requests find their connection by the socket that Node.js shows them. */
export function bindConnection(connection: ClientConnection): void {
  connections.set(connection.socket, connection)
}

export function connectionOf(socket: object): ClientConnection | undefined {
  return connections.get(socket)
}
