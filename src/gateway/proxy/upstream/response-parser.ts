/**
 * Reads the answers of an HTTP/1 backend (RFC 9112), strictly: what two readers could frame differently is refused.
 * Answers come one after another; what a backend sends unasked is refused too.
 */
import { isFieldValue, lowerName } from '../headers/header-names.ts'

export interface ParsedHead {
  readonly status: number
  /** every header as it came */
  readonly headers: string[]
  /** of a Content-Length */
  readonly length: number | undefined
  readonly hasBody: boolean
  /** the connection ends after this answer */
  readonly isLast: boolean
}

export interface ResponseEvents {
  onHead(head: ParsedHead): void
  onData(chunk: Buffer): void
  /** the answer is complete, and was not one of 1xx */
  onEnd(trailers: string[] | undefined): void
}

/** What cannot be read as HTTP. */
export class GarbageError extends Error {
  override readonly name = 'GarbageError'
}

const headLimit = 64 * 1024
const chunkLineLimit = 4096
const endOfHead = Buffer.from('\r\n\r\n')

type State = 'idle' | 'head' | 'counted' | 'until-close' | 'chunk-size' | 'chunk' | 'chunk-end' | 'trailers'

export class ResponseParser {
  readonly #events: ResponseEvents
  #state: State = 'idle'
  #method = ''
  #isUpgrade = false
  /** bytes that are still to come of a counted body or chunk */
  #left = 0
  /** the start of a head or line whose end has not come */
  #kept: Buffer | undefined

  constructor(events: ResponseEvents) {
    this.#events = events
  }

  /** An answer to a request of this method may come now. */
  expect(method: string, isUpgrade: boolean): void {
    this.#state = 'head'
    this.#method = method
    this.#isUpgrade = isUpgrade
  }

  /** Nothing of an answer is here yet. */
  get isUntouched(): boolean {
    return this.#state === 'idle' || (this.#state === 'head' && this.#kept === undefined)
  }

  /** The backend closed: ends an answer that is framed by that. False: it came in the middle of something. */
  close(): boolean {
    if (this.#state === 'until-close') {
      this.#state = 'idle'
      this.#events.onEnd(undefined)
      return true
    }
    return this.#state === 'idle'
  }

  /** @throws GarbageError */
  execute(chunk: Buffer): void {
    let at = 0
    while (at < chunk.length) {
      switch (this.#state) {
        case 'idle':
          throw new GarbageError('bytes came that nobody asked for')
        case 'head':
          at = this.#readHead(chunk, at)
          break
        case 'until-close':
          this.#events.onData(at === 0 ? chunk : chunk.subarray(at))
          return
        case 'counted':
        case 'chunk':
          at = this.#readCounted(chunk, at)
          break
        default:
          at = this.#readLine(chunk, at)
      }
    }
  }

  #readCounted(chunk: Buffer, at: number): number {
    const end = Math.min(chunk.length, at + this.#left)
    this.#left -= end - at
    const isDone = this.#left === 0
    const isWhole = isDone && this.#state === 'counted'
    if (isDone) this.#state = isWhole ? 'idle' : 'chunk-end'
    this.#events.onData(chunk.subarray(at, end))
    if (isWhole) this.#events.onEnd(undefined)
    return end
  }

  #readHead(chunk: Buffer, at: number): number {
    let bytes = at === 0 ? chunk : chunk.subarray(at)
    const before = this.#kept?.length ?? 0
    if (this.#kept) bytes = Buffer.concat([this.#kept, bytes])
    const end = bytes.indexOf(endOfHead, Math.max(0, before - 3))
    if (end < 0) {
      if (bytes.length > headLimit) throw new GarbageError(`a head is longer than ${headLimit} bytes`)
      this.#kept = before > 0 ? bytes : Buffer.from(bytes)
      // What can be no answer is refused at once, not when its end is waited for in vain.
      if (!'HTTP/1.'.startsWith(bytes.toString('latin1', 0, 7)))
        throw new GarbageError('it does not start with HTTP/1')
      return chunk.length
    }
    this.#kept = undefined
    if (end > headLimit) throw new GarbageError(`a head is longer than ${headLimit} bytes`)
    this.#takeHead(bytes.toString('latin1', 0, end + 2))
    return at + end + 4 - before
  }

  #takeHead(text: string): void {
    const lineEnd = text.indexOf('\r\n')
    const { status, minor } = parseStatusLine(text.slice(0, lineEnd))
    const headers = parseFields(text, lineEnd + 2)
    const framing = framingOf(headers)
    const isChunked = framing.coding !== undefined
    if (isChunked && (minor === 0 || framing.length !== undefined)) {
      throw new GarbageError('Transfer-Encoding is in an answer that may not have it')
    }
    const isLast = framing.isClose || (minor === 0 && !framing.isKeepAlive)
    if (status < 200 && status !== 101) {
      this.#events.onHead({ status, headers, length: undefined, hasBody: false, isLast })
      return
    }
    if (status === 101 && !this.#isUpgrade)
      throw new GarbageError('it changes a protocol that nobody asked to change')
    const isEmpty = this.#method === 'HEAD' || status === 204 || status === 304 || framing.length === 0
    this.#enterBody(status, isEmpty, framing)
    const { length } = framing
    this.#events.onHead({
      status,
      headers,
      length,
      hasBody: !isEmpty,
      isLast: isLast || this.#state === 'until-close',
    })
    if (isEmpty) this.#events.onEnd(undefined)
  }

  #enterBody(status: number, isEmpty: boolean, framing: Framing): void {
    if (status === 101) this.#state = 'until-close'
    else if (isEmpty) this.#state = 'idle'
    else if (framing.coding !== undefined) this.#state = 'chunk-size'
    else if (framing.length === undefined) this.#state = 'until-close'
    else {
      this.#state = 'counted'
      this.#left = framing.length
    }
  }

  /** Lines of chunked coding; `trailers` takes lines until an empty one. */
  #readLine(chunk: Buffer, at: number): number {
    const feed = chunk.indexOf(10, at)
    const end = feed < 0 ? chunk.length : feed + 1
    const part = chunk.subarray(at, end)
    const bytes = this.#kept ? Buffer.concat([this.#kept, part]) : part
    if (bytes.length > (this.#state === 'trailers' ? headLimit : chunkLineLimit)) {
      throw new GarbageError('a line of its chunked coding is too long')
    }
    if (this.#state === 'trailers') {
      const text = bytes.toString('latin1')
      if (text !== '\r\n' && !text.endsWith('\r\n\r\n')) this.#kept = Buffer.from(bytes)
      else {
        this.#kept = undefined
        this.#state = 'idle'
        const fields = parseFields(text.slice(0, -2), 0)
        this.#events.onEnd(fields.length === 0 ? undefined : fields)
      }
      return end
    }
    if (feed < 0) {
      this.#kept = Buffer.from(bytes)
      return end
    }
    this.#kept = undefined
    const line = bytes.toString('latin1')
    if (!line.endsWith('\r\n')) throw new GarbageError('a line of its chunked coding ends without CR')
    if (this.#state === 'chunk-end') {
      if (line !== '\r\n') throw new GarbageError('a chunk is longer than it says')
      this.#state = 'chunk-size'
      return end
    }
    this.#left = chunkSize(line.slice(0, -2))
    this.#state = this.#left === 0 ? 'trailers' : 'chunk'
    return end
  }
}

/** Extensions are dropped. */
function chunkSize(line: string): number {
  const match = /^([0-9a-fA-F]{1,13})[ \t]*(?:;[\t\x20-\x7e\x80-\xff]*)?$/.exec(line)
  if (!match) throw new GarbageError('the size of a chunk is no number')
  return Number.parseInt(match[1] as string, 16)
}

function parseStatusLine(line: string): { status: number; minor: number } {
  const match = /^HTTP\/1\.([01]) ([1-9][0-9]{2})(?: [\t\x20-\x7e\x80-\xff]*)?$/.exec(line)
  if (!match) throw new GarbageError('its status line is not one of HTTP/1')
  return { status: Number(match[2]), minor: Number(match[1]) }
}

/** Every line ends in CRLF. A line that goes on in the next, a name with a space and control characters are refused. */
function parseFields(text: string, from: number): string[] {
  const headers: string[] = []
  for (let at = from; at < text.length;) {
    const end = text.indexOf('\r\n', at)
    const colon = text.indexOf(':', at)
    if (colon < 0 || colon > end) throw new GarbageError('a header has no colon')
    const name = text.slice(at, colon)
    if (lowerName(name) === '') throw new GarbageError('the name of a header is none')
    const value = text.slice(colon + 1, end)
    if (!isFieldValue(value)) throw new GarbageError(`the value of ${name} has a control character`)
    headers.push(name, value.trim())
    at = end + 2
  }
  return headers
}

interface Framing {
  length: number | undefined
  coding: 'chunked' | undefined
  isClose: boolean
  isKeepAlive: boolean
}

function framingOf(headers: readonly string[]): Framing {
  const framing: Framing = { length: undefined, coding: undefined, isClose: false, isKeepAlive: false }
  for (let i = 0; i < headers.length; i += 2) {
    const value = headers[i + 1] as string
    switch (lowerName(headers[i] as string)) {
      case 'content-length':
        if (framing.length !== undefined) throw new GarbageError('it has several Content-Length')
        framing.length = contentLength(value)
        break
      case 'transfer-encoding':
        if (framing.coding !== undefined || value.toLowerCase() !== 'chunked') {
          throw new GarbageError('its Transfer-Encoding is not just chunked')
        }
        framing.coding = 'chunked'
        break
      case 'connection':
        framing.isClose ||= /(?:^|,)\s*close\s*(?:,|$)/i.test(value)
        framing.isKeepAlive ||= /(?:^|,)\s*keep-alive\s*(?:,|$)/i.test(value)
        break
    }
  }
  return framing
}

function contentLength(value: string): number {
  if (!/^[0-9]{1,15}$/.test(value)) throw new GarbageError('its Content-Length is no number')
  return Number(value)
}
