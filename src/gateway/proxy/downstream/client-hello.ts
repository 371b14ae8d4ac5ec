/** Reads server name and protocols from a ClientHello (RFC 8446 section 4.1.2, RFC 6066 section 3, RFC 7301). Pure. */

export interface ClientHello {
  /** lower case; nothing: the client named none */
  readonly serverName: string | undefined
  readonly protocols: readonly string[]
}

const handshake = 0x16
const clientHello = 1
const serverNameExtension = 0
const protocolsExtension = 16
/** a hello comes in one record, or a few */
const mostRecords = 16

/** `more`: not whole yet. `none`: it is no ClientHello. */
export function readClientHello(bytes: Buffer): ClientHello | 'more' | 'none' {
  const message = readHandshake(bytes)
  if (typeof message === 'string') return message
  try {
    return readExtensions(new Reader(message))
  } catch (error) {
    if (error instanceof RangeError) return 'none'
    throw error
  }
}

/** The body of the first handshake message, which may come in several records. */
function readHandshake(bytes: Buffer): Buffer | 'more' | 'none' {
  const parts: Buffer[] = []
  let at = 0
  let have = 0
  while (parts.length < mostRecords) {
    if (bytes.length < at + 5) return 'more'
    if (bytes[at] !== handshake || bytes[at + 1] !== 3) return 'none'
    const length = bytes.readUInt16BE(at + 3)
    if (length === 0 || length > 16_640) return 'none'
    const part = bytes.subarray(at + 5, at + 5 + length)
    parts.push(part)
    have += part.length
    const message = Buffer.concat(parts)
    if (have >= 1 && message[0] !== clientHello) return 'none'
    if (have >= 4) {
      const wanted = message.readUIntBE(1, 3)
      if (have >= 4 + wanted) return message.subarray(4, 4 + wanted)
    }
    if (part.length < length) return 'more'
    at += 5 + length
  }
  return 'none'
}

function readExtensions(hello: Reader): ClientHello {
  hello.skip(2 + 32)
  hello.skip(hello.number(1))
  hello.skip(hello.number(2))
  hello.skip(hello.number(1))
  let serverName: string | undefined
  const protocols: string[] = []
  if (hello.isAtEnd) return { serverName, protocols }
  const extensions = hello.sub(hello.number(2))
  while (!extensions.isAtEnd) {
    const type = extensions.number(2)
    const data = extensions.sub(extensions.number(2))
    if (type === serverNameExtension) serverName = readServerName(data)
    else if (type === protocolsExtension) {
      const list = data.sub(data.number(2))
      while (!list.isAtEnd) protocols.push(list.text(list.number(1)))
    }
  }
  return { serverName, protocols }
}

function readServerName(data: Reader): string | undefined {
  const names = data.sub(data.number(2))
  while (!names.isAtEnd) {
    const type = names.number(1)
    const name = names.text(names.number(2))
    if (type === 0) return name.toLowerCase().replace(/\.$/, '')
  }
  return undefined
}

/** @throws RangeError when it goes past the end */
class Reader {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length
  }

  number(size: 1 | 2): number {
    return this.#bytes.readUIntBE(this.skip(size), size)
  }

  text(size: number): string {
    const from = this.skip(size)
    return this.#bytes.toString('latin1', from, from + size)
  }

  sub(size: number): Reader {
    const from = this.skip(size)
    return new Reader(this.#bytes.subarray(from, from + size))
  }

  /** where it was */
  skip(size: number): number {
    const from = this.#at
    if (from + size > this.#bytes.length) throw new RangeError('past the end')
    this.#at += size
    return from
  }
}
