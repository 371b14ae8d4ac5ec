/**
 * How much is asked of a registry at once. A 429 makes everybody wait and halves what runs at once; every few answers
 * that come without one add a slot again (additive increase, multiplicative decrease).
 */
import type { Limit, Waiting } from '../base/index.ts'
import type { Clock } from '../http/index.ts'

export interface Pace {
  /** work in one of the slots for requests without a large body */
  readonly request: Limit
  /** work in one of the slots for uploads */
  readonly upload: Limit
  /** waits while the registry wants to be left alone */
  readonly quiet: (options: Waiting) => Promise<void>
  /** the registry wants to be left alone for so long; true when there are fewer slots from now on */
  readonly slow: (delayMs: number) => boolean
  /** an answer came that was no 429 */
  readonly answered: () => void
  /** slots as they are now */
  readonly slots: () => { readonly requests: number; readonly uploads: number }
}

export interface PaceOptions {
  readonly clock: Clock
  readonly requests: number
  readonly uploads: number
}

/** Answers without a 429, for each slot in use, before another is added. */
const answersForSlot = 4

export function newPace({ clock, requests, uploads }: PaceOptions): Pace {
  const requestSlots = variableLimit(requests)
  const uploadSlots = variableLimit(uploads)
  let quietUntil = 0
  let answers = 0
  return {
    request: requestSlots.limit,
    upload: uploadSlots.limit,
    async quiet({ signal }) {
      for (;;) {
        const wait = quietUntil - clock.now()
        if (wait <= 0) return
        await clock.sleep(wait, { signal })
      }
    },
    slow(delayMs) {
      const now = clock.now()
      // Requests that were on their way together are refused together, and that says no more than one refusal.
      const isNews = quietUntil <= now
      quietUntil = Math.max(quietUntil, now + delayMs)
      if (!isNews) return false
      answers = 0
      const before = requestSlots.slots() + uploadSlots.slots()
      requestSlots.resize((slots) => Math.max(1, Math.floor(slots / 2)))
      uploadSlots.resize((slots) => Math.max(1, Math.floor(slots / 2)))
      return requestSlots.slots() + uploadSlots.slots() < before
    },
    answered() {
      if (requestSlots.slots() === requests && uploadSlots.slots() === uploads) return
      if (++answers < answersForSlot * requestSlots.slots()) return
      answers = 0
      requestSlots.resize((slots) => Math.min(requests, slots + 1))
      uploadSlots.resize((slots) => Math.min(uploads, slots + 1))
    },
    slots: () => ({ requests: requestSlots.slots(), uploads: uploadSlots.slots() }),
  }
}

interface VariableLimit {
  readonly limit: Limit
  readonly slots: () => number
  readonly resize: (change: (slots: number) => number) => void
}

/** Like `limit`, with a number of slots that changes; fewer of them stop nothing that runs. */
function variableLimit(initial: number): VariableLimit {
  const queue: (() => void)[] = []
  let slots = initial
  let running = 0
  const start = () => {
    while (running < slots) {
      const next = queue.shift()
      if (!next) return
      running++
      next()
    }
  }
  return {
    slots: () => slots,
    resize(change) {
      slots = change(slots)
      start()
    },
    async limit(work) {
      if (running < slots) running++
      else await new Promise<void>((resolve) => queue.push(resolve))
      try {
        return await work()
      } finally {
        running--
        start()
      }
    },
  }
}
