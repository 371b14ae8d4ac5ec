/** A request on a stream of an HTTP/2 connection to a backend. */
import { constants, type ClientHttp2Session, type ClientHttp2Stream } from 'node:http2'
import { endToEnd } from '../headers/hop-by-hop.ts'
import type { UpstreamFailure, UpstreamReceiver, UpstreamRequest, UpstreamStream } from './upstream.ts'

export interface StreamParts {
  readonly request: UpstreamRequest
  readonly receiver: UpstreamReceiver
  readonly isReused: boolean
  readonly onClose: () => void
}

export class Http2Stream implements UpstreamStream {
  readonly #stream: ClientHttp2Stream | undefined
  #receiver: UpstreamReceiver | undefined
  #trailers: readonly string[] | undefined
  #requestTrailers: readonly string[] | undefined
  readonly #isReused: boolean

  constructor(session: ClientHttp2Session, { request, receiver, isReused, onClose }: StreamParts) {
    this.#receiver = receiver
    this.#isReused = isReused
    const hasTrailers = request.body === 'chunked'
    try {
      this.#stream = session.request(headersOf(request) as unknown as Record<string, string>, {
        endStream: request.body === 0,
        waitForTrailers: hasTrailers,
      })
    } catch (error) {
      // The session closed between the look at it and the request.
      queueMicrotask(() => {
        onClose()
        this.#fail(
          'refused',
          `the backend takes no more requests on this connection (${(error as Error).message})`,
        )
      })
      return
    }
    this.#listen(this.#stream, onClose)
  }

  #listen(stream: ClientHttp2Stream, onClose: () => void): void {
    stream.on('headers', (_, __, headers) => this.#inform(headers as unknown as string[]))
    stream.once('response', (_, flags, headers) => this.#answer(headers as unknown as string[], flags))
    stream.on('data', (chunk: Buffer) => {
      if (this.#receiver?.onData(chunk) === false) stream.pause()
    })
    stream.on('drain', () => this.#receiver?.onDrain())
    stream.once('trailers', (_: unknown, __: number, list?: readonly string[]) => (this.#trailers = list))
    stream.once('wantTrailers', () => stream.sendTrailers(asObject(this.#requestTrailers ?? [])))
    stream.once('end', () => {
      // A stream that is reset also ends; what ended it is known only when it closes.
      if (stream.rstCode === constants.NGHTTP2_NO_ERROR && !stream.aborted) this.#end()
    })
    stream.on('error', () => {})
    stream.once('close', () => {
      onClose()
      this.#closed(stream.rstCode ?? constants.NGHTTP2_INTERNAL_ERROR)
    })
  }

  write(chunk: Buffer): boolean {
    return this.#stream === undefined || this.#stream.destroyed ? true : this.#stream.write(chunk)
  }

  end(trailers?: readonly string[]): void {
    this.#requestTrailers = trailers
    if (this.#stream && !this.#stream.destroyed) this.#stream.end()
  }

  resume(): void {
    this.#stream?.resume()
  }

  cancel(): void {
    this.#receiver = undefined
    this.#stream?.close(constants.NGHTTP2_CANCEL)
  }

  #inform(list: readonly string[]): void {
    const { status, headers } = split(list)
    this.#receiver?.onInformation(status, endToEnd(headers, false))
  }

  #answer(list: readonly string[], flags: number): void {
    const { status, headers } = split(list)
    const hasBody = (flags & constants.NGHTTP2_FLAG_END_STREAM) === 0
    const length = lengthOf(headers)
    this.#receiver?.onHead({ status, headers: endToEnd(headers, true), length, hasBody })
    if (hasBody) this.#receiver?.onLull()
  }

  #end(): void {
    const receiver = this.#receiver
    this.#receiver = undefined
    receiver?.onEnd(this.#trailers && endToEnd(this.#trailers, false))
  }

  #closed(code: number): void {
    if (code === constants.NGHTTP2_REFUSED_STREAM)
      this.#fail('refused', 'the backend refused the request (REFUSED_STREAM)')
    else this.#fail('reset', `the backend reset the request (HTTP/2 error ${code})`)
  }

  #fail(kind: UpstreamFailure['kind'], message: string): void {
    const receiver = this.#receiver
    this.#receiver = undefined
    receiver?.onFailure({ kind, message, isReused: this.#isReused && kind === 'reset' })
  }
}

function headersOf(request: UpstreamRequest): string[] {
  const { method, scheme, path, authority, headers, body, wantsTrailers } = request
  const list = [':method', method, ':scheme', scheme, ':path', path, ':authority', authority]
  for (let i = 0; i < headers.length; i += 2)
    list.push((headers[i] as string).toLowerCase(), headers[i + 1] as string)
  if (typeof body === 'number' && body > 0) list.push('content-length', String(body))
  if (wantsTrailers) list.push('te', 'trailers')
  return list
}

function split(list: readonly string[]): { status: number; headers: string[] } {
  const headers: string[] = []
  let status = 0
  for (let i = 0; i < list.length; i += 2) {
    if (list[i] === ':status') status = Number(list[i + 1])
    else headers.push(list[i] as string, list[i + 1] as string)
  }
  return { status, headers }
}

function lengthOf(headers: readonly string[]): number | undefined {
  for (let i = 0; i < headers.length; i += 2)
    if (headers[i] === 'content-length') return Number(headers[i + 1])
  return undefined
}

function asObject(list: readonly string[]): Record<string, string> {
  const object: Record<string, string> = {}
  for (let i = 0; i < list.length; i += 2) object[(list[i] as string).toLowerCase()] = list[i + 1] as string
  return object
}
