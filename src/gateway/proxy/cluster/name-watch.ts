/** Keeps endpoints that are DNS names resolved: anew when the time to live is over, the last good answer until then. */
import { isIP } from 'node:net'
import type { Endpoint } from '../../model/index.ts'

export interface Resolved {
  /** IP addresses of both families */
  readonly addresses: readonly string[]
  /** milliseconds they are good for */
  readonly ttlMs: number
}

/** @throws when the name cannot be resolved */
export type Resolve = (name: string) => Promise<Resolved>

const shortestMs = 1000
const longestMs = 300_000
const afterFailureMs = 5000

export class NameWatch {
  readonly #resolve: Resolve
  readonly #changed: (endpoints: readonly Endpoint[]) => void
  readonly #addresses = new Map<string, readonly string[]>()
  readonly #timers = new Map<string, NodeJS.Timeout | undefined>()
  #endpoints: readonly Endpoint[] = []
  #isReady: Promise<unknown> = Promise.resolve()
  #isStopped = false

  constructor(resolve: Resolve, changed: (endpoints: readonly Endpoint[]) => void) {
    this.#resolve = resolve
    this.#changed = changed
  }

  /** resolves when every name has been asked for once */
  get isReady(): Promise<void> {
    return this.#isReady.then(() => {})
  }

  watch(endpoints: readonly Endpoint[]): void {
    this.#endpoints = endpoints
    const names = new Set(endpoints.map(({ address }) => address).filter(isName))
    for (const [name, timer] of this.#timers) {
      if (names.has(name)) continue
      clearTimeout(timer)
      this.#timers.delete(name)
      this.#addresses.delete(name)
    }
    const fresh = [...names].filter((name) => !this.#timers.has(name))
    for (const name of fresh) this.#timers.set(name, undefined)
    this.#isReady = Promise.all(fresh.map((name) => this.#ask(name)))
    this.#tell()
  }

  /** Adds a name for as long as the watch lives; resolves when it was asked for. */
  async add(endpoint: Endpoint): Promise<void> {
    if (this.#endpoints.some(({ address, port }) => address === endpoint.address && port === endpoint.port))
      return
    this.#endpoints = [...this.#endpoints, endpoint]
    if (isName(endpoint.address)) {
      this.#timers.set(endpoint.address, undefined)
      await this.#ask(endpoint.address)
    } else this.#tell()
  }

  stop(): void {
    this.#isStopped = true
    for (const timer of this.#timers.values()) clearTimeout(timer)
    this.#timers.clear()
  }

  async #ask(name: string): Promise<void> {
    let again = afterFailureMs
    try {
      const { addresses, ttlMs } = await this.#resolve(name)
      again = Math.min(longestMs, Math.max(shortestMs, ttlMs))
      const sorted = [...new Set(addresses)].toSorted()
      const isNew = sorted.join() !== this.#addresses.get(name)?.join()
      if (isNew && sorted.length > 0 && this.#timers.has(name)) {
        this.#addresses.set(name, sorted)
        this.#tell()
      }
    } catch {
      // The last good answer goes on; a name that never had one has no endpoints.
    }
    if (this.#isStopped || !this.#timers.has(name)) return
    this.#timers.set(name, setTimeout(() => void this.#ask(name), again).unref())
  }

  #tell(): void {
    this.#changed(
      this.#endpoints.flatMap((endpoint) => {
        if (!isName(endpoint.address)) return [endpoint]
        const addresses = this.#addresses.get(endpoint.address) ?? []
        return addresses.map((address) => ({ hostname: endpoint.address, ...endpoint, address }))
      }),
    )
  }
}

function isName(address: string): boolean {
  return isIP(address) === 0 && !address.startsWith('unix:')
}
