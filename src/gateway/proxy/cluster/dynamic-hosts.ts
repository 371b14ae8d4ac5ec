/** Hosts that requests bring to a cluster of a wildcard (`dynamic-dns`): those that fit it, and not ever more of them. */
import type { Endpoint } from '../../model/index.ts'

/** What looks names up; see NameWatch. */
export interface Names {
  readonly watch: (endpoints: readonly Endpoint[]) => void
  readonly add: (endpoint: Endpoint) => Promise<void>
}

export interface DynamicHostsOptions {
  readonly names: Names
  /** its address is the wildcard, `*.example.com`; nothing: every host fits */
  readonly wildcard: Endpoint | undefined
  /** of endpoints when there is no wildcard */
  readonly port: number
  /** was the host found? */
  readonly isFound: (host: string) => boolean
  /** hosts that are kept; the one that was asked for longest ago goes; default 1000 */
  readonly mostHosts?: number
}

export class DynamicHosts {
  readonly #options: DynamicHostsOptions
  /** by host, the one asked for last at the end */
  readonly #hosts = new Map<string, { readonly endpoint: Endpoint; readonly ready: Promise<void> }>()

  constructor(options: DynamicHostsOptions) {
    this.#options = options
  }

  /** Resolves when the host was looked up; one that does not fit or is not found is forgotten. */
  async resolve(host: string): Promise<void> {
    const { names, wildcard, port, isFound, mostHosts = 1000 } = this.#options
    if (wildcard && !fitsWildcard(wildcard.address, host)) return
    const known = this.#hosts.get(host)
    this.#hosts.delete(host)
    if (!known && this.#hosts.size >= mostHosts) this.#forget(this.#hosts.keys().next().value)
    const endpoint = known?.endpoint ?? {
      ...wildcard,
      address: host,
      hostname: host,
      port: wildcard?.port ?? port,
    }
    const entry = known ?? { endpoint, ready: names.add(endpoint) }
    this.#hosts.set(host, entry)
    await entry.ready
    if (!isFound(host)) this.#forget(host)
  }

  #forget(host: string | undefined): void {
    if (host === undefined || !this.#hosts.delete(host)) return
    this.#options.names.watch([...this.#hosts.values()].map(({ endpoint }) => endpoint))
  }
}

/** `*.example.com` is one or more labels; `*` every host; without `*` the host itself. */
export function fitsWildcard(wildcard: string, host: string): boolean {
  if (!wildcard.startsWith('*')) return wildcard === host
  return host.endsWith(wildcard.slice(1)) && host.length >= wildcard.length
}
