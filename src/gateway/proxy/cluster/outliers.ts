/** Puts endpoints out for a while that fail several times in a row (xDS `OutlierDetection`). */
import type { OutlierDetection } from '../../model/index.ts'
import type { LiveEndpoint } from './endpoint.ts'

interface Streaks {
  serverErrors: number
  gatewayErrors: number
  localErrors: number
}

export class Outliers {
  readonly #config: OutlierDetection | undefined
  readonly #streaks = new WeakMap<LiveEndpoint, Streaks>()

  constructor(config: OutlierDetection | undefined) {
    this.#config = config
  }

  /** Counts the end of a request; true when that puts the endpoint out. `status` 0: no answer. */
  ended(endpoint: LiveEndpoint, status: number, all: readonly LiveEndpoint[]): boolean {
    const config = this.#config
    if (config === undefined) return false
    const why = this.#count(endpoint, status, config)
    if (why === undefined || endpoint.ejectedUntil > 0) return false
    const out = all.filter(({ ejectedUntil }) => ejectedUntil > 0).length
    // One may always go, however few there are, as Envoy does it, unless nothing may go at all.
    const mayGo =
      config.maxEjectionPercent > 0 &&
      (out === 0 || ((out + 1) * 100) / all.length <= config.maxEjectionPercent)
    if (!mayGo) return false
    endpoint.ejections++
    endpoint.ejectedUntil = Date.now() + config.baseEjectionMs * endpoint.ejections
    endpoint.whyEjected = why
    this.#streaks.delete(endpoint)
    return true
  }

  #count(endpoint: LiveEndpoint, status: number, config: OutlierDetection): string | undefined {
    const streaks = this.#streaks.get(endpoint) ?? { serverErrors: 0, gatewayErrors: 0, localErrors: 0 }
    this.#streaks.set(endpoint, streaks)
    const isGateway = status === 0 || (status >= 502 && status <= 504)
    streaks.localErrors = status === 0 ? streaks.localErrors + 1 : 0
    streaks.gatewayErrors = isGateway ? streaks.gatewayErrors + 1 : 0
    streaks.serverErrors = status === 0 || status >= 500 ? streaks.serverErrors + 1 : 0
    const reached = (count: number, limit: number | undefined) =>
      limit !== undefined && limit > 0 && count >= limit
    if (reached(streaks.localErrors, config.consecutiveLocalErrors))
      return `${streaks.localErrors} failed connections in a row`
    if (reached(streaks.gatewayErrors, config.consecutiveGatewayErrors))
      return `${streaks.gatewayErrors} gateway errors in a row`
    if (reached(streaks.serverErrors, config.consecutive5xx))
      return `${streaks.serverErrors} answers of 5xx in a row`
    return undefined
  }
}
