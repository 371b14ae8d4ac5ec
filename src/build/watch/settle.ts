/** Waits until writes are over: no event and no other size or time for a moment. */
import { setTimeout as delay } from 'node:timers/promises'
import type { Waiting } from '../../base/index.ts'

export interface SettleOptions extends Waiting {
  /** counts what happens */
  readonly events: () => number
  /** what the files that were touched look like now; two equal texts mean that they are the same */
  readonly look: () => string
  /** milliseconds */
  readonly quietMs: number
  /** told once when it takes long, after `longMs` */
  readonly onLong: () => void
  readonly longMs: number
}

export async function settle({
  events,
  look,
  quietMs,
  longMs,
  onLong,
  signal,
}: SettleOptions): Promise<void> {
  let isTold = false
  for (let waited = 0; ; waited += quietMs) {
    const [count, before] = [events(), look()]
    await delay(quietMs, undefined, { ...(signal && { signal }) })
    if (events() === count && look() === before) return
    if (waited >= longMs && !isTold) {
      isTold = true
      onLong()
    }
  }
}
