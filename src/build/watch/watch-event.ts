/** What a process that watches tells. Paths are absolute; rounds count from 1. */
export type WatchEvent =
  /** a process that watches builds: all images first, then those that something changed for */
  | {
      readonly kind: 'round-started'
      readonly round: number
      readonly changed: readonly string[]
      readonly images: readonly string[]
    }
  | {
      readonly kind: 'round-finished'
      readonly round: number
      readonly changed: readonly string[]
      /** images of the round whose names lead to something new */
      readonly moved: readonly string[]
      readonly newLayers: number
      /** sent and written */
      readonly bytes: number
      readonly seconds: number
      /** milliseconds from the last write until all names had moved; absent in the first round */
      readonly sinceWriteMs?: number | undefined
    }
  /** something changed meanwhile: no name has moved, and the next round starts */
  | { readonly kind: 'round-cancelled'; readonly round: number; readonly changed: readonly string[] }
  | {
      readonly kind: 'round-failed'
      readonly round: number
      readonly changed: readonly string[]
      readonly code?: string | undefined
      readonly message: string
    }
  | { readonly kind: 'watching'; readonly files: number; readonly folders: number }
  /** files that do not stay as they are long enough to be read */
  | { readonly kind: 'watch-waiting'; readonly changed: readonly string[] }
