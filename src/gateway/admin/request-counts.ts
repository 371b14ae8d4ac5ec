/** Counts of requests, kept as cheaply as can be: one look-up and a few additions for each. */
import type { AccessLogEntry } from '../proxy/data-plane.ts'

/** seconds; the last bucket has no bound */
export const durationBounds = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
] as const

export interface RouteCounts {
  readonly listener: string
  /** name of the route; `-` where none matched */
  readonly route: string
  /** by status */
  readonly codes: Map<number, number>
  /** requests by the first bound that they kept to, one more for those above all */
  readonly buckets: number[]
  seconds: number
  bytesReceived: number
  bytesSent: number
}

export interface RequestCounts {
  readonly count: (entry: AccessLogEntry) => void
  readonly routes: () => Iterable<RouteCounts>
}

export function newRequestCounts(): RequestCounts {
  const listeners = new Map<string, Map<string, RouteCounts>>()
  const find = (listener: string, route: string): RouteCounts => {
    let routes = listeners.get(listener)
    if (!routes) listeners.set(listener, (routes = new Map()))
    let counts = routes.get(route)
    if (!counts) {
      const buckets = Array.from({ length: durationBounds.length + 1 }, () => 0)
      counts = { listener, route, codes: new Map(), buckets, seconds: 0, bytesReceived: 0, bytesSent: 0 }
      routes.set(route, counts)
    }
    return counts
  }
  return {
    count({ listener, route = '-', status, durationMs, bytesReceived, bytesSent }) {
      const counts = find(listener, route)
      counts.codes.set(status, (counts.codes.get(status) ?? 0) + 1)
      const seconds = durationMs / 1000
      let bucket = 0
      while (bucket < durationBounds.length && seconds > durationBounds[bucket]!) bucket++
      counts.buckets[bucket]!++
      counts.seconds += seconds
      counts.bytesReceived += bytesReceived
      counts.bytesSent += bytesSent
    },
    *routes() {
      for (const routes of listeners.values()) yield* routes.values()
    },
  }
}
