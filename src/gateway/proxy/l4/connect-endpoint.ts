/** Opens the connection of one client to one endpoint. */
import { connect, type Socket } from 'node:net'
import { connect as connectTls, type ConnectionOptions } from 'node:tls'
import type { Endpoint } from '../../model/index.ts'

export interface EndpointConnection {
  readonly endpoint: Endpoint
  /** nothing: plain text */
  readonly tls: ConnectionOptions | undefined
  /** told when `tls` has no server name of its own */
  readonly serverName: string | undefined
  readonly timeoutMs: number
  readonly keepaliveMs: number | undefined
  /** sent before anything else, before TLS too */
  readonly preamble: Buffer | undefined
}

/**
 * Calls back once: with the socket when it stands and TLS is done, else with what went wrong. The socket may be
 * destroyed before that, and then nothing is called. It can be half open.
 */
export function connectEndpoint(
  options: EndpointConnection,
  done: (result: { readonly socket: Socket } | { readonly error: Error }) => void,
): Socket {
  const { tls, timeoutMs, preamble } = options
  const plain = connect(addressOf(options))
  if (preamble) plain.write(preamble)
  const socket = tls ? connectTls({ ...tls, ...nameOf(options), socket: plain }) : plain
  const timer = setTimeout(() => fail(new Error(`no connection after ${timeoutMs} ms`)), timeoutMs)
  const fail = (error: Error) => {
    stop()
    socket.on('error', () => {})
    socket.destroy()
    done({ error })
  }
  const succeed = () => {
    stop()
    done({ socket })
  }
  const stop = () => {
    clearTimeout(timer)
    socket.off('error', fail)
    socket.off('close', stop)
    socket.off(ready, succeed)
  }
  const ready = tls ? 'secureConnect' : 'connect'
  socket.once(ready, succeed)
  socket.once('error', fail)
  socket.once('close', stop)
  if (tls) plain.on('error', (error) => socket.destroy(error))
  return socket
}

function addressOf({ endpoint: { address, port }, keepaliveMs }: EndpointConnection) {
  if (address.startsWith('unix:')) return { path: address.slice('unix:'.length), allowHalfOpen: true }
  const keepAlive = keepaliveMs === undefined ? {} : { keepAlive: true, keepAliveInitialDelay: keepaliveMs }
  return { host: address, port, noDelay: true, allowHalfOpen: true, ...keepAlive }
}

function nameOf({ tls, serverName }: EndpointConnection): { servername?: string } {
  return tls?.servername === undefined && serverName !== undefined ? { servername: serverName } : {}
}
