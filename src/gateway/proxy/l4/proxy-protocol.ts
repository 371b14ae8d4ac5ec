/** The PROXY protocol: who a connection is from, told before its first byte (haproxy.org, proxy-protocol.txt, 1 and 2). Pure. */
import { isIPv4, isIPv6, SocketAddress } from 'node:net'

export interface Addresses {
  readonly source: HostPort
  readonly destination: HostPort
}

export interface HostPort {
  readonly address: string
  readonly port: number
}

export interface ProxyHeader {
  /** bytes that it takes */
  readonly length: number
  /** nothing: the proxy speaks for itself (`UNKNOWN`, `LOCAL`) or of no IP address */
  readonly addresses: Addresses | undefined
}

const signature = Buffer.from('0d0a0d0a000d0a515549540a', 'hex')
const longestLine = 107

/** `more`: not whole yet. `none`: the connection does not begin with a header, or with one that is not well formed. */
export function readProxyHeader(bytes: Buffer): ProxyHeader | 'more' | 'none' {
  const known = Math.min(bytes.length, signature.length)
  if (known > 0 && bytes.compare(signature, 0, known, 0, known) === 0) {
    return bytes.length < 16 ? 'more' : readBinary(bytes)
  }
  return readLine(bytes)
}

function readLine(bytes: Buffer): ProxyHeader | 'more' | 'none' {
  const start = 'PROXY '
  const begins = start.startsWith(bytes.toString('latin1', 0, start.length))
  if (!begins) return 'none'
  const end = bytes.indexOf('\r\n')
  if (end === -1) return bytes.length < longestLine ? 'more' : 'none'
  if (end + 2 > longestLine) return 'none'
  const [, family, source = '', destination = '', sourcePort = '', destinationPort = '', ...rest] = bytes
    .toString('latin1', 0, end)
    .split(' ')
  if (family === 'UNKNOWN') return { length: end + 2, addresses: undefined }
  const isRight = family === 'TCP4' ? isIPv4 : family === 'TCP6' ? isIPv6 : () => false
  if (rest.length > 0 || !isRight(source) || !isRight(destination)) return 'none'
  if (!isPort(sourcePort) || !isPort(destinationPort)) return 'none'
  return {
    length: end + 2,
    addresses: {
      source: { address: source, port: Number(sourcePort) },
      destination: { address: destination, port: Number(destinationPort) },
    },
  }
}

const isPort = (text: string) => /^(?:0|[1-9]\d{0,4})$/.test(text) && Number(text) <= 65_535

function readBinary(bytes: Buffer): ProxyHeader | 'more' | 'none' {
  const version = bytes.readUInt8(12) >> 4
  const command = bytes.readUInt8(12) & 15
  const family = bytes.readUInt8(13) >> 4
  const length = 16 + bytes.readUInt16BE(14)
  if (version !== 2 || command > 1) return 'none'
  if (bytes.length < length) return 'more'
  const size = family === 1 ? 4 : family === 2 ? 16 : 0
  if (command === 0 || size === 0) return { length, addresses: undefined }
  if (length < 16 + size * 2 + 4) return 'none'
  const ports = 16 + size * 2
  return {
    length,
    addresses: {
      source: { address: formatAddress(bytes.subarray(16, 16 + size)), port: bytes.readUInt16BE(ports) },
      destination: {
        address: formatAddress(bytes.subarray(16 + size, ports)),
        port: bytes.readUInt16BE(ports + 2),
      },
    },
  }
}

function formatAddress(bytes: Buffer): string {
  if (bytes.length === 4) return bytes.join('.')
  const groups = Array.from({ length: 8 }, (_, at) => bytes.readUInt16BE(at * 2).toString(16))
  return new SocketAddress({ address: groups.join(':'), family: 'ipv6' }).address
}

/** The header that tells a backend who the client is. Addresses of different families are told as unknown. */
export function writeProxyHeader(version: 'v1' | 'v2', { source, destination }: Addresses): Buffer {
  const family = isIPv4(source.address) && isIPv4(destination.address) ? 4 : 6
  const isKnown = family === 4 || (isIPv6(source.address) && isIPv6(destination.address))
  if (version === 'v1') {
    const text = isKnown
      ? `TCP${family} ${source.address} ${destination.address} ${source.port} ${destination.port}`
      : 'UNKNOWN'
    return Buffer.from(`PROXY ${text}\r\n`)
  }
  const head = Buffer.from([0x20 | Number(isKnown), isKnown ? (family === 4 ? 0x11 : 0x21) : 0, 0, 0])
  if (!isKnown) return Buffer.concat([signature, head])
  const ports = Buffer.alloc(4)
  ports.writeUInt16BE(source.port)
  ports.writeUInt16BE(destination.port, 2)
  const body = Buffer.concat([parseAddress(source.address), parseAddress(destination.address), ports])
  head.writeUInt16BE(body.length, 2)
  return Buffer.concat([signature, head, body])
}

/** @throws Error when it is no IP address */
function parseAddress(address: string): Buffer {
  if (isIPv4(address)) return Buffer.from(address.split('.').map(Number))
  const plain = address.split('%')[0] ?? ''
  if (!isIPv6(plain)) throw new Error(`"${address}" is no IP address`)
  const [left = '', right] = inHex(plain).split('::')
  const groups = (text: string) => (text === '' ? [] : text.split(':'))
  const [before, after] = [groups(left), groups(right ?? '')]
  const zeros = right === undefined ? [] : Array.from({ length: 8 - before.length - after.length }, () => '0')
  const bytes = Buffer.alloc(16)
  for (const [at, group] of [...before, ...zeros, ...after].entries())
    bytes.writeUInt16BE(parseInt(group, 16), at * 2)
  return bytes
}

/** `::ffff:10.0.0.1` with its end in hexadecimal too */
function inHex(address: string): string {
  return address.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, ...parts: string[]) => {
    const [a = 0, b = 0, c = 0, d = 0] = parts.slice(0, 4).map(Number)
    return `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`
  })
}
