/** Reads the PROXY header in front of a connection. */
import type { Socket } from 'node:net'
import { readProxyHeader, type ProxyHeader } from './proxy-protocol.ts'

/** Calls back once, maybe never when the socket closes; what comes behind the header is still in the socket. */
export function takeProxyHeader(
  socket: Socket,
  timeoutMs: number,
  done: (header: ProxyHeader | { readonly why: string }) => void,
): void {
  let seen: Buffer = Buffer.alloc(0)
  const finish = (result: ProxyHeader | { readonly why: string }) => {
    socket.off('readable', read)
    socket.setTimeout(0)
    socket.off('timeout', late)
    if ('length' in result && seen.length > result.length) socket.unshift(seen.subarray(result.length))
    done(result)
  }
  const late = () => finish({ why: `no PROXY header came in ${timeoutMs} ms` })
  const read = () => {
    const chunk = socket.read() as Buffer | null
    if (chunk === null) return
    seen = Buffer.concat([seen, chunk])
    const header = readProxyHeader(seen)
    if (header === 'none') finish({ why: 'it does not begin with a PROXY header' })
    else if (header !== 'more') finish(header)
  }
  socket.setTimeout(timeoutMs)
  socket.on('timeout', late)
  socket.on('readable', read)
}
