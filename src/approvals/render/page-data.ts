/** What a page knows: the facts as they were counted, everybody's label, and where its view begins. Runs in pages too. */
import type { CountMode } from '../count/cells.ts'
import type { Facts } from '../facts.ts'
import type { ArcSize } from '../view/chord-layout.ts'
import type { ViewKind } from './drawing.ts'

export interface PageData {
  readonly facts: Facts
  readonly labels: readonly string[]
  /** teams by party, where there are any */
  readonly teams: readonly (string | null)[] | undefined
  /** months with approvals, first and last; nothing without dates */
  readonly months: readonly [number, number] | undefined
  readonly start: PageStart
}

export interface PageStart {
  readonly kind: ViewKind
  readonly mode: CountMode
  readonly arcs: ArcSize
  readonly min: number
  readonly minPer: 'pair' | 'direction'
  readonly top: number
  readonly hasOthers: boolean
}

/** ids of what the page is made of */
export const pageIds = {
  data: 'data',
  cells: 'cells',
  controls: 'controls',
  picture: 'picture',
  details: 'details',
  status: 'status',
  facts: 'facts',
  pairs: 'pairs',
  people: 'people',
} as const
