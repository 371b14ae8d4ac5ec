/** A request that asks to change the protocol, such as to WebSocket: after 101 its connection carries bytes. */
import { ServerResponse, type IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { ResponseHead } from '../upstream/upstream.ts'
import { connectionOf, type ClientConnection } from './client-connection.ts'
import type { BodyReader, Downstream, DownstreamObserver } from './downstream.ts'
import { splitTarget } from './request-target.ts'

export interface TunnelOptions {
  /** what came behind the head */
  readonly head: Buffer
  /** milliseconds without a byte until it is cut */
  readonly timeoutMs: number
}

export class Http1Tunnel implements Downstream {
  readonly isHttp2 = false
  readonly protocol = 'HTTP/1.1'
  readonly body = 0
  readonly connection: ClientConnection
  readonly method: string
  readonly authority: string | undefined
  readonly target: string
  readonly headers: string[]
  readonly upgrade: string | undefined
  readonly #request: IncomingMessage
  readonly #socket: Socket
  readonly #options: TunnelOptions
  #observer: DownstreamObserver | undefined
  #reader: BodyReader | undefined
  /** of an answer that is no 101 */
  #response: ServerResponse | undefined
  #isOpen = false
  #isEnded = false

  constructor(request: IncomingMessage, socket: Duplex, options: TunnelOptions) {
    this.#request = request
    this.#socket = socket as Socket
    this.#options = options
    this.connection = connectionOf(socket) as ClientConnection
    this.method = request.method ?? ''
    this.headers = request.rawHeaders
    const { target, authority } = splitTarget(request.url ?? '')
    this.target = target
    this.authority = authority ?? request.headers.host
    this.upgrade = request.headers.upgrade?.toLowerCase()
  }

  observe(observer: DownstreamObserver | undefined): void {
    this.#observer = observer
    this.#socket.on('error', () => {})
    this.#socket.on('drain', () => this.#observer?.onDownstreamDrain())
    this.#socket.once('close', () => this.#observer?.onDownstreamClose(this.#isEnded))
  }

  /** Bytes flow only once the tunnel is open. */
  read(reader: BodyReader): void {
    this.#reader = reader
  }

  resume(): void {
    if (this.#isOpen) this.#socket.resume()
  }

  inform(): void {}

  respond({ status, headers, length }: ResponseHead): void {
    if (status === 101) {
      this.#open(headers)
      return
    }
    const response = new ServerResponse(this.#request)
    response.shouldKeepAlive = false
    response.assignSocket(this.#socket)
    response.once('finish', () => this.#socket.end())
    headers.push('connection', 'close')
    if (length === undefined) headers.push('transfer-encoding', 'chunked')
    response.writeHead(status, headers)
    this.#response = response
  }

  flush(): void {
    this.#response?.flushHeaders()
  }

  write(chunk: Buffer): boolean {
    return (this.#response ?? this.#socket).write(chunk)
  }

  end(): void {
    this.#isEnded = true
    if (this.#response) this.#response.end()
    else this.#socket.end()
  }

  abort(): void {
    this.#socket.destroy()
  }

  #open(headers: readonly string[]): void {
    const socket = this.#socket
    let head = 'HTTP/1.1 101 Switching Protocols\r\n'
    for (let i = 0; i < headers.length; i += 2) head += `${headers[i]}: ${headers[i + 1]}\r\n`
    socket.write(`${head}connection: Upgrade\r\nupgrade: ${this.upgrade}\r\n\r\n`, 'latin1')
    this.#isOpen = true
    socket.setTimeout(this.#options.timeoutMs, () => socket.destroy())
    if (this.#options.head.length > 0) socket.unshift(this.#options.head)
    socket.on('data', (chunk: Buffer) => {
      if (this.#reader?.onChunk(chunk) === false) socket.pause()
    })
    socket.once('end', () => this.#reader?.onBodyEnd(undefined))
  }
}
