/** Looks at the first bytes of a connection, to know what it speaks, and puts them back. */
import type { Socket } from 'node:net'
import { readClientHello, type ClientHello } from './client-hello.ts'

export type FirstBytes =
  | { readonly kind: 'http1' }
  | { readonly kind: 'http2' }
  | { readonly kind: 'tls'; readonly hello: ClientHello }
  /** it closed, or was silent for too long, or began a ClientHello that is none */
  | { readonly kind: 'nothing'; readonly why: string }

const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')
/** a ClientHello of more is refused: real ones have one or two kilobytes */
const mostBytes = 64 * 1024

/** Calls back once, maybe never when the socket closes; the socket is left paused with all its bytes in it. */
export function peek(socket: Socket, timeoutMs: number, done: (first: FirstBytes) => void): void {
  let seen: Buffer | undefined
  const finish = (first: FirstBytes) => {
    socket.off('readable', read)
    socket.setTimeout(0)
    if (seen) socket.unshift(seen)
    done(first)
  }
  const read = () => {
    const chunk = socket.read() as Buffer | null
    if (chunk === null) return
    seen = seen === undefined ? chunk : Buffer.concat([seen, chunk])
    const first = classify(seen)
    if (first !== undefined) finish(first)
  }
  socket.setTimeout(timeoutMs, () => finish({ kind: 'nothing', why: `nothing was said for ${timeoutMs} ms` }))
  socket.on('readable', read)
}

/** Nothing when more bytes are needed. */
function classify(seen: Buffer): FirstBytes | undefined {
  if (seen[0] === 0x16) {
    const hello = readClientHello(seen)
    if (hello === 'more')
      return seen.length > mostBytes ? { kind: 'nothing', why: 'its ClientHello is too long' } : undefined
    return hello === 'none'
      ? { kind: 'nothing', why: 'its ClientHello is not well formed' }
      : { kind: 'tls', hello }
  }
  const length = Math.min(seen.length, preface.length)
  if (seen.compare(preface, 0, length, 0, length) !== 0) return { kind: 'http1' }
  return seen.length < preface.length ? undefined : { kind: 'http2' }
}
