/** Opens connections to endpoints: TCP or a Unix socket, with TLS when the cluster has it. */
import { connect, type Socket } from 'node:net'
import { connect as connectTls, type ConnectionOptions } from 'node:tls'

export interface DialTarget {
  /** IP address or `unix:PATH` */
  readonly address: string
  readonly port: number
  /** nothing: plain text */
  readonly tls?: ConnectionOptions
  /** milliseconds between probes of a silent connection; nothing: none */
  readonly keepaliveMs?: number
  /** sent before anything else, such as a PROXY protocol header */
  readonly preamble?: Buffer
}

/** All plain connections read into it; its bytes are gone when `onBytes` returns. */
const shared = Buffer.allocUnsafeSlow(64 * 1024)

/**
 * The socket, on its way. `onBytes` is told what comes; `areLent` says that the bytes are good only until it returns.
 * Reading stops and goes on by `pause` and `resume`.
 */
export function dial(target: DialTarget, onBytes: (bytes: Buffer, areLent: boolean) => void): Socket {
  if (target.tls) return openSocket(target).on('data', (bytes: Buffer) => onBytes(bytes, false))
  const socket = connect({ ...addressOf(target), ...onread(onBytes) })
  if (target.preamble) socket.write(target.preamble)
  return socket
}

/** A socket that is read as any other. */
export function openSocket(target: DialTarget): Socket {
  const { tls, preamble } = target
  if (tls === undefined || preamble !== undefined) {
    const plain = connect(addressOf(target))
    if (preamble) plain.write(preamble)
    return tls === undefined ? plain : connectTls({ ...tls, socket: plain })
  }
  return connectTls({ ...addressOf(target), ...tls })
}

/** What `connect` of `net` and `tls` is told. */
export function addressOf({ address, port, keepaliveMs }: DialTarget) {
  const keepAlive = keepaliveMs === undefined ? {} : { keepAlive: true, keepAliveInitialDelay: keepaliveMs }
  if (address.startsWith('unix:')) return { path: address.slice('unix:'.length) }
  return { host: address, port, noDelay: true, ...keepAlive }
}

function onread(onBytes: (bytes: Buffer, areLent: boolean) => void) {
  const callback = (length: number, buffer: Uint8Array) => {
    onBytes((buffer as Buffer).subarray(0, length), true)
    return true
  }
  return { onread: { buffer: shared, callback } }
}
