/** What reads the HTTP of clients, for all listeners. */
import type { Duplex } from 'node:stream'
import type { ClientConnection } from './client-connection.ts'
import type { Http1Engine } from './http1.ts'

export interface Http2Engine {
  readonly serve: (socket: Duplex, connection: ClientConnection) => void
  readonly close: () => void
}

export interface Engines {
  readonly http1: Http1Engine
  readonly http2: Http2Engine
}
