/** A stream of an HTTP/2 client. */
import { constants, type ServerHttp2Stream } from 'node:http2'
import type { ResponseHead } from '../upstream/upstream.ts'
import type { ClientConnection } from './client-connection.ts'
import type { BodyReader, Downstream, DownstreamObserver } from './downstream.ts'
import type { Http2Head } from './http2-head.ts'

export class Http2Request implements Downstream {
  readonly isHttp2 = true
  readonly protocol = 'HTTP/2'
  readonly upgrade = undefined
  readonly connection: ClientConnection
  readonly method: string
  readonly authority: string | undefined
  readonly target: string
  readonly headers: string[]
  readonly body: number | 'chunked'
  readonly #stream: ServerHttp2Stream
  #observer: DownstreamObserver | undefined
  #trailers: readonly string[] | undefined
  #isBodyOver: boolean
  #isEnded = false

  constructor(stream: ServerHttp2Stream, head: Http2Head, connection: ClientConnection) {
    this.#stream = stream
    this.connection = connection
    this.method = head.method
    this.authority = head.authority
    this.target = head.target
    this.headers = head.headers
    this.body = head.body
    this.#isBodyOver = head.body === 0
  }

  observe(observer: DownstreamObserver | undefined): void {
    this.#observer = observer
    const stream = this.#stream
    stream.on('drain', () => this.#observer?.onDownstreamDrain())
    stream.once('close', () =>
      this.#observer?.onDownstreamClose(this.#isEnded && stream.rstCode === constants.NGHTTP2_NO_ERROR),
    )
  }

  read(reader: BodyReader): void {
    const stream = this.#stream
    let trailers: readonly string[] | undefined
    stream.on('data', (chunk: Buffer) => {
      if (!reader.onChunk(chunk)) stream.pause()
    })
    stream.once('trailers', (_: unknown, __: number, list?: readonly string[]) => (trailers = list))
    stream.once('end', () => {
      this.#isBodyOver = true
      reader.onBodyEnd(trailers)
    })
  }

  resume(): void {
    this.#stream.resume()
  }

  inform(status: number, headers: string[]): void {
    if (status !== 103 || this.#stream.headersSent || this.#stream.destroyed) return
    this.#stream.additionalHeaders({ ':status': status, ...asObject(headers) })
  }

  respond({ status, headers, length, hasBody }: ResponseHead): void {
    const stream = this.#stream
    if (stream.destroyed || stream.headersSent) return
    const waitForTrailers = hasBody && length === undefined
    if (waitForTrailers)
      stream.once('wantTrailers', () => stream.sendTrailers(asObject(this.#trailers ?? [])))
    stream.respond([':status', String(status), ...lowered(headers)] as unknown as Record<string, string>, {
      endStream: !hasBody,
      waitForTrailers,
    })
  }

  flush(): void {}

  write(chunk: Buffer): boolean {
    return this.#stream.destroyed ? true : this.#stream.write(chunk)
  }

  end(trailers?: readonly string[]): void {
    const stream = this.#stream
    this.#isEnded = true
    this.#trailers = trailers
    if (stream.destroyed) return
    stream.end()
    // Nobody reads the rest of a request that has its answer.
    if (!this.#isBodyOver)
      stream.once('finish', () =>
        setImmediate(() => this.#isBodyOver || stream.close(constants.NGHTTP2_NO_ERROR)),
      )
  }

  abort(): void {
    this.#stream.close(constants.NGHTTP2_INTERNAL_ERROR)
  }
}

/** Names are lower case in HTTP/2. */
function lowered(headers: readonly string[]): string[] {
  return headers.map((text, index) => (index % 2 === 0 ? text.toLowerCase() : text))
}

function asObject(list: readonly string[]): Record<string, string | string[]> {
  const object: Record<string, string | string[]> = {}
  for (let i = 0; i < list.length; i += 2) {
    const name = (list[i] as string).toLowerCase()
    const value = list[i + 1] as string
    const before = object[name]
    object[name] = before === undefined ? value : [before, value].flat()
  }
  return object
}
