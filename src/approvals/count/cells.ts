/** Counts per pair and month, in the order of their keys. */

export const countModes = ['changes', 'reviews', 'latest'] as const
export type CountMode = (typeof countModes)[number]

/** Counts of one approver, author and month. */
export interface Cells {
  readonly length: number
  /** indexes of parties; sorted by approver, author, month */
  readonly approver: Int32Array
  readonly author: Int32Array
  /** months since January 1970; -1 for rows without a date */
  readonly month: Int32Array
  readonly changes: Float64Array
  readonly reviews: Float64Array
  readonly latest: Float64Array
}

export interface CellPlace {
  readonly approver: number
  readonly author: number
  readonly month: number
}

export interface CellSums {
  readonly add: (place: CellPlace, mode: CountMode, count: number) => void
  readonly finish: () => Cells
}

/** 4096 months reach to the year 2311. */
const months = 4096

export function newCellSums(parties: number): CellSums {
  const slots = new Map<number, number>()
  const counts: Record<CountMode, number[]> = { changes: [], reviews: [], latest: [] }
  return {
    add({ approver, author, month }, mode, count) {
      const key = (approver * parties + author) * months + Math.min(Math.max(month, -1), months - 2) + 1
      let slot = slots.get(key)
      if (slot === undefined) {
        slot = slots.size
        slots.set(key, slot)
        for (const each of countModes) counts[each].push(0)
      }
      counts[mode][slot]! += count
    },
    finish() {
      const keys = Float64Array.from(slots.keys()).toSorted()
      const order = Array.from(keys, (key) => slots.get(key)!)
      const column = (mode: CountMode) => Float64Array.from(order, (slot) => counts[mode][slot]!)
      return {
        length: keys.length,
        approver: Int32Array.from(keys, (key) => Math.floor(key / months / parties)),
        author: Int32Array.from(keys, (key) => Math.floor(key / months) % parties),
        month: Int32Array.from(keys, (key) => (key % months) - 1),
        changes: column('changes'),
        reviews: column('reviews'),
        latest: column('latest'),
      }
    },
  }
}
