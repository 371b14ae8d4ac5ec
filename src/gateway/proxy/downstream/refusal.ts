/** Answers that end a connection of HTTP/1 which cannot be gone on with. */
import { STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'

/** Writes the answer and closes; what still comes is not read. */
export function refuse(socket: Duplex, status: number, why: string): void {
  if (socket.writable) {
    const body = `${why}\n`
    const head = [
      `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
      'connection: close',
      'content-type: text/plain; charset=utf-8',
      `content-length: ${Buffer.byteLength(body)}`,
    ]
    socket.end(`${head.join('\r\n')}\r\n\r\n${body}`)
  }
  socket.once('finish', () => socket.destroy())
  setTimeout(() => socket.destroy(), 1000).unref()
}
