/** The suite's clients for bytes: TCP, TLS and UDP. Each sends one line and reads the one it gets. */
import { createSocket } from 'node:dgram'
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { StreamEcho } from './echo/echo-streams.ts'

const limitMs = 3000

export interface StreamTo {
  readonly at: string
  readonly port: number
  /** server name of TLS; nothing: plain TCP */
  readonly serverName?: string
}

/** @throws when the connection is refused, reset or closed before a line came */
export async function askStream({ at, port, serverName }: StreamTo): Promise<StreamEcho> {
  const socket: Socket =
    serverName === undefined
      ? connect(port, at)
      : connectTls({ port, host: at, servername: serverName, rejectUnauthorized: false })
  const ready = serverName === undefined ? 'connect' : 'secureConnect'
  try {
    return await new Promise((resolve, reject) => {
      let text = ''
      socket.setTimeout(limitMs, () => reject(new Error(`nothing in ${limitMs} ms`)))
      socket.on(ready, () => socket.write('hello\n'))
      socket.on('data', (chunk: Buffer) => {
        text += chunk.toString()
        if (text.includes('\n')) resolve(JSON.parse(text) as StreamEcho)
      })
      socket.on('error', reject)
      socket.on('close', () => reject(new Error('closed without an answer')))
    })
  } finally {
    socket.destroy()
  }
}

/** @throws when no datagram comes back */
export async function askUdp(at: string, port: number): Promise<StreamEcho> {
  const socket = createSocket('udp4')
  try {
    return await new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no datagram in ${limitMs} ms`)), limitMs)
      socket.on('error', reject)
      socket.on('message', (data) => {
        clearTimeout(timer)
        resolve(JSON.parse(data.toString()) as StreamEcho)
      })
      socket.send('hello', port, at)
    })
  } finally {
    socket.close()
  }
}
