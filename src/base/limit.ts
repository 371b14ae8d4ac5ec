export interface Waiting {
  /** ends the wait with the signal's reason */
  readonly signal?: AbortSignal | undefined
}

export type Limit = <T>(work: () => Promise<T>) => Promise<T>

export interface Slots extends Limit {
  /** For work that waits for other work of the same limit: its place is free meanwhile, and has to be waited for again. */
  readonly outside: <T>(wait: () => Promise<T>) => Promise<T>
}

/** Runs at most `slots` pieces of work at a time, the rest in the order they came. */
export function limit(slots: number): Slots {
  if (!Number.isInteger(slots) || slots < 1)
    throw new Error(`limit needs a whole number from 1, got ${slots}`)
  const queue: (() => void)[] = []
  let free = slots
  const enter = async (): Promise<void> => {
    if (free > 0) free--
    else await new Promise<void>((resolve) => queue.push(resolve))
  }
  const leave = (): void => {
    const next = queue.shift()
    if (next) next()
    else free++
  }
  const run = async <T>(work: () => Promise<T>): Promise<T> => {
    await enter()
    try {
      return await work()
    } finally {
      leave()
    }
  }
  const outside = async <T>(wait: () => Promise<T>): Promise<T> => {
    leave()
    try {
      return await wait()
    } finally {
      await enter()
    }
  }
  return Object.assign(run, { outside })
}

/**
 * Runs the work for a key once and shares its promise with everyone who asks again.
 * A failed run is forgotten, so that it can be tried again.
 */
export function once<K, T>(): (key: K, work: () => Promise<T>) => Promise<T> {
  const running = new Map<K, Promise<T>>()
  return (key, work) => {
    const known = running.get(key)
    if (known) return known
    const promise = work()
    running.set(key, promise)
    promise.catch(() => running.delete(key))
    return promise
  }
}

/**
 * Starts `work` for every item and waits until all have settled, so that nothing runs on after a failure is reported.
 * Throws the first failure that is not the echo of an abort.
 */
export async function all<T, R>(items: Iterable<T>, work: (item: T) => Promise<R>): Promise<R[]> {
  const settled = await Promise.allSettled(Array.from(items, async (item) => work(item)))
  const failed = settled
    .filter((result) => result.status === 'rejected')
    .map((result) => result.reason as unknown)
  const first =
    failed.find((reason) => !(reason instanceof Error && reason.name === 'AbortError')) ?? failed[0]
  if (first !== undefined) throw first
  return settled.map((result) => (result as PromiseFulfilledResult<R>).value)
}
