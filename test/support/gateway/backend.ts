/** Backends of tests: one that tells what it was asked, and raw ones that answer bytes as they are told. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import { createServer as createNetServer, type AddressInfo, type Socket } from 'node:net'
import type { TestContext } from 'node:test'

/** What an echo backend saw of a request. */
export interface Seen {
  readonly backend: string
  readonly method: string
  readonly url: string
  /** lower-case names; repeated headers joined by `, ` */
  readonly headers: Readonly<Record<string, string>>
  readonly rawHeaders: readonly string[]
  readonly body: string
}

export interface Backend {
  readonly port: number
  /** requests so far */
  readonly seen: Seen[]
  /** connections so far */
  readonly connections: () => number
  readonly close: () => Promise<void>
}

/** Answers every request with what it saw, as JSON. `answer` may answer otherwise. */
export async function echoBackend(t: TestContext, name = 'echo', answer?: RequestListener): Promise<Backend> {
  const seen: Seen[] = []
  let connections = 0
  const server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      const { method = '', url = '', rawHeaders } = request
      const headers = request.headers as Record<string, string>
      const what: Seen = { backend: name, method, url, headers, rawHeaders, body }
      seen.push(what)
      if (answer) answer(request, response)
      else response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(what))
    })
  })
  server.on('connection', () => connections++)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const close = async () => {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  }
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return { port: (server.address() as AddressInfo).port, seen, connections: () => connections, close }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}

/** Talks bytes: `onConnection` is given each socket. */
export async function rawBackend(
  t: TestContext,
  onConnection: (socket: Socket, number: number) => void,
): Promise<number> {
  const sockets = new Set<Socket>()
  let number = 0
  const server = createNetServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.once('close', () => sockets.delete(socket))
    onConnection(socket, number++)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return (server.address() as AddressInfo).port
}
