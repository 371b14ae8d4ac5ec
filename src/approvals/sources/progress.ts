/** What a source that takes a while tells meanwhile. */

export type SourceEvent =
  /** so many changes were read, of so many where that is known */
  | {
      readonly kind: 'progress'
      readonly repo: string
      readonly done: number
      readonly total: number | undefined
    }
  /** nothing is asked until then (milliseconds since 1970), because of this */
  | { readonly kind: 'waiting'; readonly reason: string; readonly until: number; readonly delayMs: number }
  | { readonly kind: 'note'; readonly message: string }

export type EmitSource = (event: SourceEvent) => void
