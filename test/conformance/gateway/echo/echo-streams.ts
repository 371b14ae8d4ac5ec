/** Echo pods for bytes: TCP, TLS and UDP. Each answer is one line of JSON that tells who answers. */
import { createSocket, type Socket as UdpSocket } from 'node:dgram'
import { createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, type Server as TlsServer } from 'node:tls'
import type { Pair } from '../suite-certificates.ts'
import type { EchoIdentity } from './echo-http.ts'

export interface StreamEcho extends EchoIdentity {
  readonly text: string
}

export function echoTcpServer(identity: EchoIdentity): Server {
  return createServer((socket) => answer(identity, socket))
}

export function echoTlsServer(identity: EchoIdentity, certificate: Pair): TlsServer {
  return createTlsServer({ cert: certificate['tls.crt'], key: certificate['tls.key'] }, (socket) =>
    answer(identity, socket),
  )
}

function answer(identity: EchoIdentity, socket: Socket): void {
  socket.on('data', (data) => {
    socket.write(`${JSON.stringify({ ...identity, text: data.toString().trim() })}\n`)
  })
  socket.on('error', () => socket.destroy())
}

export function echoUdpSocket(identity: EchoIdentity): UdpSocket {
  const socket = createSocket('udp4')
  socket.on('message', (data, { port, address }) => {
    socket.send(JSON.stringify({ ...identity, text: data.toString() }), port, address)
  })
  return socket
}
