/** Counts what goes through a Unix socket. */
import { createServer, connect, type Socket } from 'node:net'
import { once } from 'node:events'

export interface SocketMeter extends AsyncDisposable {
  /** bytes to the server since the last call */
  readonly take: () => number
  /** breaks all connections off and takes no new ones */
  readonly cut: () => Promise<void>
}

/** Listens at `path` and passes all on to the socket at `target`. */
export async function startSocketMeter(path: string, target: string): Promise<SocketMeter> {
  let count = 0
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    const upstream = connect(target)
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket
        .on('error', () => undefined)
        .on('close', () => {
          sockets.delete(socket)
          client.destroy()
          upstream.destroy()
        })
    }
    client.on('data', (bytes) => (count += bytes.length))
    client.pipe(upstream).pipe(client)
  })
  server.listen(path)
  await once(server, 'listening')
  const cut = async () => {
    for (const socket of sockets) socket.destroy()
    if (server.listening) await new Promise((done) => server.close(done))
  }
  return {
    take: () => {
      const taken = count
      count = 0
      return taken
    },
    cut,
    [Symbol.asyncDispose]: cut,
  }
}
