/** The body of a request as far as it has come, kept so that it can be sent again, up to a limit. */
export class ReplayBuffer {
  readonly chunks: Buffer[] = []
  trailers: readonly string[] | undefined
  isEnded = false
  /** nothing of it is lost */
  isWhole = true
  readonly #limit: number
  #bytes = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  add(chunk: Buffer): void {
    if (!this.isWhole) return
    this.#bytes += chunk.length
    if (this.#bytes > this.#limit) {
      this.isWhole = false
      this.chunks.length = 0
    } else this.chunks.push(chunk)
  }

  end(trailers: readonly string[] | undefined): void {
    this.isEnded = true
    this.trailers = trailers
  }
}
