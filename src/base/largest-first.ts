/** Work in turns, the largest that waits first, so that the last to end is a small one. */

interface Waiter {
  readonly size: number
  readonly start: () => void
}

/** Runs at most `slots` pieces of work at a time. What is asked for in one turn of the event loop is sorted before the first starts. */
export function largestFirst(slots: number): <T>(size: number, work: () => Promise<T>) => Promise<T> {
  const queue: Waiter[] = []
  let free = slots
  const startNext = (): void => {
    while (free > 0 && queue.length > 0) {
      free--
      queue.shift()!.start()
    }
  }
  return async (size, work) => {
    await new Promise<void>((start) => {
      const before = queue.findIndex((other) => other.size < size)
      queue.splice(before < 0 ? queue.length : before, 0, { size, start })
      setImmediate(startNext)
    })
    try {
      return await work()
    } finally {
      free++
      startNext()
    }
  }
}
