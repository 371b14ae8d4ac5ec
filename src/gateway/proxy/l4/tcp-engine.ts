/** Serves the connections of TCP chains, for all listeners. */
import type { Socket } from 'node:net'
import type { AccessLogEntry } from '../data-plane.ts'
import type { ClientConnection } from '../downstream/client-connection.ts'
import type { Arrived } from '../downstream/live-listener.ts'
import type { TcpChain } from './tcp-chain.ts'
import { startTcpSession, type TcpSessionReport } from './tcp-session.ts'

export interface TcpArrival {
  readonly chain: TcpChain
  readonly connection: ClientConnection
  readonly arrived: Pick<Arrived, 'chain' | 'from' | 'serverName'>
}

export interface TcpEngine {
  /** `socket` is what bytes are read from, TLS done */
  readonly serve: (socket: Socket, arrival: TcpArrival) => void
}

export interface TcpEnvironment {
  /** in [0, 1) */
  readonly random: () => number
  readonly onAccess: ((entry: AccessLogEntry) => void) | undefined
}

export function newTcpEngine({ random, onAccess }: TcpEnvironment): TcpEngine {
  return {
    serve: (client, { chain, connection, arrived }) => {
      const { from: addresses, serverName } = arrived
      const start = Date.now()
      const began = performance.now()
      connection.began()
      const onEnd = (report: TcpSessionReport) => {
        connection.ended()
        onAccess?.({
          start,
          durationMs: performance.now() - began,
          listener: connection.listener,
          client: addresses.source.address,
          protocol: arrived.chain.match.tls ? 'TLS' : 'TCP',
          method: '-',
          host: serverName ?? '-',
          path: '-',
          status: 0,
          route: chain.name,
          ...report,
        })
      }
      startTcpSession({ client, chain, addresses, serverName, random, onEnd })
    },
  }
}
