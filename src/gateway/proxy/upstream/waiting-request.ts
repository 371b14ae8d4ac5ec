/** A request that waits for a connection, and keeps what it was given until then. */
import type { UpstreamReceiver, UpstreamRequest, UpstreamStream } from './upstream.ts'

export interface RequestTaker {
  readonly send: (request: UpstreamRequest, receiver: UpstreamReceiver) => UpstreamStream
}

export class WaitingRequest implements UpstreamStream {
  readonly #request: UpstreamRequest
  readonly #receiver: UpstreamReceiver
  readonly #leave: () => void
  readonly #chunks: Buffer[] = []
  #stream: UpstreamStream | undefined
  #isEnded = false
  #trailers: readonly string[] | undefined

  /** `leave` is called when it is cancelled while it waits. */
  constructor(request: UpstreamRequest, receiver: UpstreamReceiver, leave: () => void) {
    this.#request = request
    this.#receiver = receiver
    this.#leave = leave
  }

  start(taker: RequestTaker): void {
    this.#stream = taker.send(this.#request, this.#receiver)
    let isFlowing = true
    for (const chunk of this.#chunks) isFlowing = this.#stream.write(chunk)
    if (this.#isEnded) this.#stream.end(this.#trailers)
    else if (isFlowing && this.#chunks.length > 0) this.#receiver.onDrain()
  }

  fail(kind: 'connect' | 'overflow', message: string): void {
    this.#receiver.onFailure({ kind, message, isReused: false })
  }

  write(chunk: Buffer): boolean {
    if (this.#stream) return this.#stream.write(chunk)
    this.#chunks.push(chunk)
    return false
  }

  end(trailers?: readonly string[]): void {
    if (this.#stream) return this.#stream.end(trailers)
    this.#isEnded = true
    this.#trailers = trailers
  }

  resume(): void {
    this.#stream?.resume()
  }

  cancel(): void {
    if (this.#stream) this.#stream.cancel()
    else this.#leave()
  }
}
