/** One connection to an HTTP/1 endpoint: requests one after another, each told to its own receiver. */
import type { Socket } from 'node:net'
import { endToEnd } from '../headers/hop-by-hop.ts'
import { valueOf } from '../headers/header-list.ts'
import { dial, type DialTarget } from './dial.ts'
import type { PoolOptions } from './pool.ts'
import { writeRequestHead } from './request-head.ts'
import { GarbageError, ResponseParser, type ParsedHead, type ResponseEvents } from './response-parser.ts'
import type { UpstreamFailure, UpstreamReceiver, UpstreamRequest, UpstreamStream } from './upstream.ts'

export interface Http1Owner {
  /** it can take another request */
  readonly onIdle: (connection: Http1Connection) => void
  /** it is gone, once */
  readonly onClose: (connection: Http1Connection) => void
}

export class Http1Connection implements UpstreamStream, ResponseEvents {
  /** milliseconds since 1970 until when it may wait for a request */
  idleUntil = Infinity
  readonly #socket: Socket
  readonly #owner: Http1Owner
  readonly #options: PoolOptions
  readonly #parser = new ResponseParser(this)
  #receiver: UpstreamReceiver | undefined
  #timer: NodeJS.Timeout | undefined
  #served = 0
  #isConnected = false
  #isChunked = false
  #isSent = false
  #isLast = false
  #isAnswered = false
  #hasHint = false
  #areLent = false
  #isPaused = false
  #isTunnel = false
  /** the head of an answer came with the bytes that are read */
  #hasNews = false
  /** milliseconds it may be idle; a backend that says when it closes is left a second earlier (`Keep-Alive: timeout=5`) */
  idleTimeoutMs: number

  constructor(target: DialTarget, options: PoolOptions, owner: Http1Owner) {
    this.#options = options
    this.idleTimeoutMs = options.idleTimeoutMs
    this.#owner = owner
    const socket = dial(target, (bytes, areLent) => this.#read(bytes, areLent))
    this.#socket = socket
    this.#timer = setTimeout(
      () => this.#fail('connect', `no connection within ${options.connectTimeoutMs} ms`),
      options.connectTimeoutMs,
    )
    socket.once(target.tls ? 'secureConnect' : 'connect', () => {
      this.#isConnected = true
      clearTimeout(this.#timer)
    })
    socket.on('drain', () => this.#receiver?.onDrain())
    socket.on('end', () => this.#ended())
    socket.on('error', (error) => this.#broke(error))
    socket.once('close', () => {
      clearTimeout(this.#timer)
      this.#ended()
      owner.onClose(this)
    })
  }

  /** Takes a request; the connection is not idle until its answer is complete. */
  send(request: UpstreamRequest, receiver: UpstreamReceiver): UpstreamStream {
    this.#receiver = receiver
    this.#served++
    this.#isChunked = request.body === 'chunked'
    this.#isTunnel = request.upgrade !== undefined
    this.#isSent = request.body === 0 && !this.#isTunnel
    this.#isAnswered = false
    this.#isLast = false
    if (this.#isPaused) this.resume()
    this.#parser.expect(request.method, request.upgrade !== undefined)
    this.#socket.write(writeRequestHead(request), 'latin1')
    return this
  }

  write(chunk: Buffer): boolean {
    if (!this.#isChunked) return this.#socket.write(chunk)
    if (chunk.length === 0) return true
    this.#socket.cork()
    this.#socket.write(`${chunk.length.toString(16)}\r\n`, 'latin1')
    this.#socket.write(chunk)
    const isFlowing = this.#socket.write('\r\n', 'latin1')
    this.#socket.uncork()
    return isFlowing
  }

  /** Trailers of a request are dropped: few HTTP/1 servers read them. */
  end(): void {
    this.#isSent = true
    if (this.#isTunnel) this.#socket.end()
    else if (this.#isChunked) this.#socket.write('0\r\n\r\n', 'latin1')
  }

  resume(): void {
    this.#isPaused = false
    this.#socket.resume()
  }

  /** The only way to unsay a request of HTTP/1 is to close. */
  cancel(): void {
    this.#receiver = undefined
    this.#socket.destroy()
  }

  close(): void {
    this.#socket.destroy()
  }

  onHead({ status, headers, length, hasBody, isLast }: ParsedHead): void {
    if (status < 200 && status !== 101) {
      this.#receiver?.onInformation(status, endToEnd(headers, false))
      return
    }
    this.#isLast = isLast
    this.#isAnswered = true
    this.#hasNews = true
    if (!this.#hasHint) this.#takeHint(headers)
    this.#receiver?.onHead({ status, headers: endToEnd(headers, status !== 204), length, hasBody })
  }

  onData(chunk: Buffer): void {
    const isWanted = this.#receiver?.onData(this.#areLent ? Buffer.from(chunk) : chunk) ?? true
    if (isWanted) return
    this.#isPaused = true
    this.#socket.pause()
  }

  onEnd(trailers: string[] | undefined): void {
    const receiver = this.#receiver
    this.#receiver = undefined
    receiver?.onEnd(trailers && endToEnd(trailers, false))
  }

  #read(bytes: Buffer, areLent: boolean): void {
    this.#areLent = areLent
    try {
      this.#parser.execute(bytes)
    } catch (error) {
      if (error instanceof GarbageError)
        this.#fail('garbage', `the backend's answer is no HTTP: ${error.message}`)
      else {
        // A bug costs this request, not all that run.
        this.#options.onBug(error)
        this.#fail('reset', 'the answer could not be handled')
      }
      return
    }
    if (this.#hasNews) {
      this.#hasNews = false
      this.#receiver?.onLull()
    }
    // Only now is the connection free: bytes behind the answer would be taken for the next one.
    if (this.#isAnswered && this.#receiver === undefined && !this.#socket.destroyed) this.#release()
  }

  #release(): void {
    this.#isAnswered = false
    const isFull = this.#options.maxRequests > 0 && this.#served >= this.#options.maxRequests
    if (this.#isLast || !this.#isSent || isFull) {
      this.#socket.destroy()
      return
    }
    this.#owner.onIdle(this)
  }

  #takeHint(headers: readonly string[]): void {
    this.#hasHint = true
    const seconds = /timeout=([0-9]{1,6})/.exec(valueOf(headers, 'keep-alive') ?? '')?.[1]
    const hint = seconds === undefined ? Infinity : Math.max(0, Number(seconds) * 1000 - 1000)
    this.idleTimeoutMs = Math.min(this.#options.idleTimeoutMs, hint)
  }

  #ended(): void {
    if (this.#receiver !== undefined && this.#parser.close()) this.#receiver = undefined
    this.#fail('reset', 'the backend closed the connection before its answer was complete')
  }

  #broke(error: Error): void {
    const code = (error as NodeJS.ErrnoException).code ?? error.message
    if (this.#isConnected) this.#fail('reset', `the connection to the backend broke (${code})`)
    else this.#fail('connect', `no connection to the backend (${code})`)
  }

  #fail(kind: UpstreamFailure['kind'], message: string): void {
    const receiver = this.#receiver
    this.#receiver = undefined
    const failed = kind === 'reset' && !this.#isConnected ? 'connect' : kind
    const isReused = this.#served > 1 && this.#parser.isUntouched
    this.#socket.destroy()
    receiver?.onFailure({ kind: failed, message, isReused })
  }
}
