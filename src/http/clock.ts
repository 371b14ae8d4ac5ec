/** Time and chance as an argument, so that tests of waiting need not wait. */
import { setTimeout as delay } from 'node:timers/promises'
import type { Waiting } from '../base/index.ts'

export interface Clock {
  /** milliseconds since 1970 */
  readonly now: () => number
  /** resolves after so many milliseconds, or rejects with the signal's reason */
  readonly sleep: (milliseconds: number, options?: Waiting) => Promise<void>
  /** from 0 up to but not 1 */
  readonly random: () => number
}

/** The clock of this machine. */
export const systemClock: Clock = {
  now: () => Date.now(),
  random: () => Math.random(),
  async sleep(milliseconds, { signal } = {}) {
    signal?.throwIfAborted()
    try {
      await delay(milliseconds, undefined, { ...(signal && { signal }) })
    } catch (error) {
      signal?.throwIfAborted()
      throw error
    }
  },
}
