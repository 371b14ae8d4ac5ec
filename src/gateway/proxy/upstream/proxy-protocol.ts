/** The PROXY protocol, both versions (haproxy.org, proxy-protocol.txt): who the client of a proxied connection is. Pure. */
import { isIP, isIPv6 } from 'node:net'

export interface ProxiedFrom {
  readonly source: string
  readonly sourcePort: number
  readonly destination: string
  readonly destinationPort: number
}

export interface ReadHeader {
  /** nothing: the proxy speaks for itself (LOCAL, UNKNOWN) */
  readonly from: ProxiedFrom | undefined
  /** bytes it takes */
  readonly length: number
}

const signature = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1')
const longestV1 = 107

/** `more`: not whole yet. `none`: there is none, or it is not well formed. */
export function readProxyHeader(bytes: Buffer): ReadHeader | 'more' | 'none' {
  const start = Math.min(bytes.length, signature.length)
  if (bytes.subarray(0, start).equals(signature.subarray(0, start)))
    return bytes.length < 16 ? 'more' : readV2(bytes)
  const text = bytes.toString('latin1', 0, longestV1)
  if (!'PROXY '.startsWith(text.slice(0, 6))) return 'none'
  const end = text.indexOf('\r\n')
  if (end < 0) return text.length < longestV1 ? 'more' : 'none'
  const [, kind, source = '', destination = '', sourcePort = '', destinationPort = ''] = text
    .slice(0, end)
    .split(' ')
  if (kind === 'UNKNOWN') return { from: undefined, length: end + 2 }
  if ((kind !== 'TCP4' && kind !== 'TCP6') || isIP(source) === 0) return 'none'
  const from = {
    source,
    sourcePort: Number(sourcePort),
    destination,
    destinationPort: Number(destinationPort),
  }
  return { from, length: end + 2 }
}

function readV2(bytes: Buffer): ReadHeader | 'more' | 'none' {
  const [command = 0, family = 0] = bytes.subarray(12)
  const size = bytes.readUInt16BE(14)
  const length = 16 + size
  if (command >> 4 !== 2) return 'none'
  if (size > 2048) return 'none'
  if (bytes.length < length) return 'more'
  const isProxied = (command & 15) === 1
  const width = family >> 4 === 1 ? 4 : family >> 4 === 2 ? 16 : 0
  if (!isProxied || width === 0 || size < width * 2 + 4) return { from: undefined, length }
  const address = (at: number) => textOf(bytes.subarray(at, at + width))
  return {
    from: {
      source: address(16),
      destination: address(16 + width),
      sourcePort: bytes.readUInt16BE(16 + 2 * width),
      destinationPort: bytes.readUInt16BE(18 + 2 * width),
    },
    length,
  }
}

function textOf(address: Buffer): string {
  if (address.length === 4) return address.join('.')
  return Array.from({ length: 8 }, (_, i) => address.readUInt16BE(i * 2).toString(16)).join(':')
}

export function writeProxyHeader(version: 'v1' | 'v2', from: ProxiedFrom): Buffer {
  const is6 = isIPv6(from.source) || isIPv6(from.destination)
  const [source, destination] = [bytesOf(from.source, is6), bytesOf(from.destination, is6)]
  if (version === 'v1') {
    const [kind, own, other] = is6
      ? ['TCP6', textOf(source), textOf(destination)]
      : ['TCP4', from.source, from.destination]
    return Buffer.from(
      `PROXY ${kind} ${own} ${other} ${from.sourcePort} ${from.destinationPort}\r\n`,
      'latin1',
    )
  }
  const ports = Buffer.alloc(4)
  ports.writeUInt16BE(from.sourcePort, 0)
  ports.writeUInt16BE(from.destinationPort, 2)
  const body = Buffer.concat([source, destination, ports])
  return Buffer.concat([signature, Buffer.from([0x21, is6 ? 0x21 : 0x11, 0, body.length]), body])
}

/** An IPv4 address beside an IPv6 one is written as one of those. */
function bytesOf(address: string, is6: boolean): Buffer {
  const four = () => Buffer.from(address.split('.').map(Number))
  if (!is6) return four()
  if (!isIPv6(address)) return Buffer.concat([Buffer.alloc(10), Buffer.from([255, 255]), four()])
  const [head = '', tail] = address.split('::')
  const groups = (text: string) =>
    text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16))
  const [before, after] = [groups(head), tail === undefined ? [] : groups(tail)]
  const all = [...before, ...Array.from({ length: 8 - before.length - after.length }, () => 0), ...after]
  return Buffer.from(all.flatMap((group) => [group >> 8, group & 255]))
}
