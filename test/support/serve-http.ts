/** A server of one listener and a client to ask it, both stopped when the test ends. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { type AddressInfo, type Socket } from 'node:net'
import type { TestContext } from 'node:test'
import {
  joinChunks,
  openHttpClient,
  readAtMost,
  type HttpClient,
  type HttpClientOptions,
} from '../../src/http/index.ts'

export interface Served {
  readonly url: string
  readonly client: HttpClient
  readonly server: Server
  readonly sockets: Set<Socket>
}

export type Listener = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>

export async function serve(
  t: TestContext,
  listener: Listener,
  options?: HttpClientOptions,
): Promise<Served> {
  const server = createServer((request, response) => void listener(request, response))
  const sockets = new Set<Socket>()
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = openHttpClient(options)
  t.after(() => {
    client.close()
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, client, server, sockets }
}

export async function textOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  return Buffer.from((await readAtMost(body, 1e6)) ?? []).toString()
}

export async function receive(request: IncomingMessage): Promise<string> {
  return textOf(request as AsyncIterable<Uint8Array>)
}

export function bodyOf(...texts: string[]) {
  const chunks = texts.map((text) => Buffer.from(text))
  return {
    size: joinChunks(chunks).length,
    async *open() {
      yield* chunks
    },
  }
}
