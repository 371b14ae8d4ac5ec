/** What stands in front of a server and lets no more through after so many bytes of one connection, until it is opened. */
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

export interface Gate extends AsyncDisposable {
  /** `127.0.0.1:port` */
  readonly host: string
  /** resolves when it has closed for the first time */
  readonly closed: Promise<void>
  /** lets everything through from now on */
  readonly open: () => void
}

export async function startGate(target: string, afterBytes: number): Promise<Gate> {
  const [address, port] = target.split(':')
  const sockets = new Set<Socket>()
  const held = new Set<Socket>()
  const closed = Promise.withResolvers<void>()
  let isOpen = false
  const server = createServer((client) => {
    const upstream = connect(Number(port), address)
    let passed = 0
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket
        .on('error', () => undefined)
        .on('close', () => {
          client.destroy()
          upstream.destroy()
        })
    }
    upstream.pipe(client)
    client.on('data', (bytes) => {
      upstream.write(bytes)
      passed += bytes.length
      if (isOpen || passed < afterBytes) return
      client.pause()
      held.add(client)
      closed.resolve()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    closed: closed.promise,
    open() {
      isOpen = true
      for (const client of held) client.resume()
    },
    async [Symbol.asyncDispose]() {
      server.close()
      for (const socket of sockets) socket.destroy()
      await once(server, 'close')
    },
  }
}
