/** An endpoint while it is served: its connections, its load, its health. Lives on over reloads that keep it. */
import { createHash } from 'node:crypto'
import type { Endpoint } from '../../model/index.ts'
import type { Candidate } from '../balance/balancer.ts'
import type { Pool } from '../upstream/pool.ts'

export class LiveEndpoint implements Candidate {
  /** `10.0.0.1:8080`, or `unix:/run/app.sock` */
  readonly key: string
  /** names it to a client that is to come back to it, and tells nothing about it */
  readonly token: string
  config: Endpoint
  active = 0
  requests = 0
  failures = 0
  /** why it gets no requests by its health checks */
  sick: string | undefined
  /** out for this long, in milliseconds since 1970, after failures in a row */
  ejectedUntil = 0
  whyEjected = ''
  ejections = 0
  /** by protocol and server name */
  readonly pools = new Map<string, Pool>()
  readonly #since: number
  readonly #warmupMs: number

  constructor(config: Endpoint, warmupMs = 0) {
    this.config = config
    this.key = keyOf(config)
    this.token = createHash('sha256').update(this.key).digest('base64url').slice(0, 22)
    this.#since = Date.now()
    this.#warmupMs = warmupMs
  }

  get weight(): number {
    const weight = this.config.weight ?? 1
    if (this.#warmupMs === 0) return weight
    const warm = (Date.now() - this.#since) / this.#warmupMs
    return warm >= 1 ? weight : weight * Math.max(0.1, warm)
  }

  get isAvailable(): boolean {
    return this.sick === undefined && this.ejectedUntil === 0
  }

  retire(): void {
    for (const pool of this.pools.values()) pool.retire()
  }
}

export function keyOf({ address, port }: Pick<Endpoint, 'address' | 'port'>): string {
  if (address.startsWith('unix:')) return address
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
}
