import type { Place } from '../../base/index.ts'

/** A word of an instruction with its variables replaced. */
export interface ExpandedWord {
  readonly text: string
  readonly place: Place
}
