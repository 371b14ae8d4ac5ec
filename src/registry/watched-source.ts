/** Content with the error that reading it ended in: what a source says of itself is better than what we make of it. */

type Open<Options> = (options?: Options) => AsyncIterable<Uint8Array>

export interface WatchedSource<Options> {
  readonly open: Open<Options>
  /** of the last pass */
  readonly error: () => unknown
  readonly restart: () => void
}

export function watchSource<Options>(open: Open<Options>): WatchedSource<Options> {
  let failed: unknown
  return {
    async *open(options) {
      try {
        yield* open(options)
      } catch (error) {
        failed = error
        throw error
      }
    },
    error: () => failed,
    restart() {
      failed = undefined
    },
  }
}
