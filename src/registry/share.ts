/** Work that several may ask for at once: done once, stopped only when nobody waits for it any more. */
import type { Waiting } from '../base/index.ts'

interface Job<T> {
  readonly promise: Promise<T>
  readonly stop: AbortController
  waiters: number
}

/**
 * Runs the work for a key unless it is running already, and forgets it when it has ended.
 * A caller's abort ends the caller's wait; the last one's abort ends the work.
 */
export function sharing<T>(): (
  key: string,
  work: (signal: AbortSignal) => Promise<T>,
  options?: Waiting,
) => Promise<T> {
  const jobs = new Map<string, Job<T>>()
  return async (key, work, { signal } = {}) => {
    signal?.throwIfAborted()
    let job = jobs.get(key)
    if (!job) {
      const stop = new AbortController()
      const started: Job<T> = { promise: work(stop.signal), stop, waiters: 0 }
      const forget = () => {
        if (jobs.get(key) === started) jobs.delete(key)
      }
      started.promise.then(forget, forget)
      jobs.set(key, started)
      job = started
    }
    const joined = job
    joined.waiters++
    const leave = () => {
      if (--joined.waiters > 0) return false
      // Whoever asks from now on needs work that is not about to stop.
      if (jobs.get(key) === joined) jobs.delete(key)
      joined.stop.abort(signal?.reason)
      return true
    }
    if (!signal) return joined.promise
    const aborted = Promise.withResolvers<never>()
    const abort = () => {
      // The last to leave waits for the work itself, so that nothing runs on unseen.
      if (!leave()) aborted.reject(signal.reason)
    }
    signal.addEventListener('abort', abort, { once: true })
    try {
      return await Promise.race([joined.promise, aborted.promise])
    } finally {
      signal.removeEventListener('abort', abort)
    }
  }
}
