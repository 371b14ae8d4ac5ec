/** Listeners of several translators at one address and port become one. */
import type { FilterChain, Listener, RouteConfiguration, VirtualHost } from '../model/index.ts'
import type { Diagnostic } from '../objects/diagnostic.ts'
import type { ListenerProblem } from './status.ts'
import type { Translation } from './translation.ts'

export interface Joined {
  readonly listeners: readonly Listener[]
  readonly routeConfigurations: readonly RouteConfiguration[]
  readonly diagnostics: readonly Diagnostic[]
  /** by `FilterChain.name` */
  readonly collisions: Readonly<Record<string, ListenerProblem>>
}

/**
 * Chains for TLS are joined by server name, plain HTTP chains by domain; what an earlier one has taken is not given
 * twice. A plain TCP chain stands alone.
 */
export function joinListeners(parts: readonly Translation[]): Joined {
  const join = new Joining(parts)
  for (const part of parts) for (const listener of part.listeners) join.add(listener)
  const listeners = sorted(join.listeners)
  const used = new Set(
    listeners.flatMap(({ filterChains }) =>
      filterChains.map(({ filter }) => (filter.kind === 'http' ? filter.routeConfiguration : '')),
    ),
  )
  return {
    listeners,
    routeConfigurations: sorted(join.routes).filter(({ name }) => used.has(name)),
    diagnostics: join.diagnostics,
    collisions: join.collisions,
  }
}

class Joining {
  readonly listeners = new Map<string, Listener>()
  readonly routes = new Map<string, RouteConfiguration>()
  readonly diagnostics: Diagnostic[] = []
  readonly collisions: Record<string, ListenerProblem> = {}
  readonly #origins: Translation['origins'][]

  constructor(parts: readonly Translation[]) {
    this.#origins = parts.map(({ origins }) => origins)
    for (const { name, virtualHosts } of parts.flatMap((part) => part.routeConfigurations)) {
      this.routes.set(name, { name, virtualHosts })
    }
  }

  add(listener: Listener): void {
    const known = this.listeners.get(listener.name)
    if (known === undefined) {
      this.listeners.set(listener.name, listener)
      return
    }
    const chains = [...known.filterChains]
    for (const chain of listener.filterChains) this.#addChain(chains, chain)
    this.listeners.set(listener.name, { ...known, filterChains: chains })
  }

  #addChain(chains: FilterChain[], chain: FilterChain): void {
    if (chain.match.tls) this.#addTls(chains, chain)
    else this.#addPlain(chains, chain)
  }

  #addTls(chains: FilterChain[], chain: FilterChain): void {
    const takenBy = (name: string) =>
      chains.find(
        ({ match }) => match.tls && sameClients(match, chain.match) && namesOf(match).includes(name),
      )
    const names = namesOf(chain.match)
    const free = names.filter((name) => takenBy(name) === undefined)
    for (const name of names.filter((taken) => !free.includes(taken))) {
      const shown = name === '' ? 'every server name' : `the server name ${name}`
      this.#collide(chain, takenBy(name), shown)
    }
    if (free.length > 0) {
      const serverNames = free.filter((name) => name !== '')
      chains.push({ ...chain, match: { ...chain.match, serverNames } })
    }
  }

  #addPlain(chains: FilterChain[], chain: FilterChain): void {
    const at = chains.findIndex(({ match }) => !match.tls && sameClients(match, chain.match))
    const other = chains[at]
    if (other === undefined) chains.push(chain)
    else if (other.filter.kind === 'http' && chain.filter.kind === 'http') {
      const { routeConfiguration } = other.filter
      const joined = this.#joinRoutes(routeConfiguration, chain.filter.routeConfiguration, [other, chain])
      chains[at] = {
        ...other,
        name: `${other.name}, ${chain.name}`,
        filter: { ...other.filter, routeConfiguration: joined },
      }
    } else this.#collide(chain, other, 'every connection')
  }

  #joinRoutes(
    firstName: string,
    secondName: string,
    [other, chain]: readonly [FilterChain, FilterChain],
  ): string {
    const first = this.routes.get(firstName)?.virtualHosts ?? []
    const second = this.routes.get(secondName)?.virtualHosts ?? []
    const name = `${firstName}, ${secondName}`
    const taken = new Set(first.flatMap(({ domains }) => domains))
    const added = second.flatMap((host): VirtualHost[] => {
      const free = host.domains.filter((domain) => !taken.has(domain))
      for (const domain of host.domains.filter((domain) => taken.has(domain))) {
        if (host.routes.length > 0) this.#collide(chain, other, `the host ${domain}`)
      }
      return free.length > 0 ? [{ ...host, domains: free }] : []
    })
    this.routes.set(name, { name, virtualHosts: [...first, ...added] })
    return name
  }

  #collide(chain: FilterChain, other: FilterChain | undefined, what: string): void {
    const message = `${what} at this address and port is taken by ${other?.name ?? 'another listener'}`
    this.collisions[chain.name] ??= { message }
    const origin = this.#origins.map((origins) => origins?.get(chain.name)).find((object) => object)
    if (origin === undefined) return
    const { kind, metadata } = origin
    this.diagnostics.push({
      severity: 'error',
      rule: 'listener-collision',
      message,
      at: origin.placeOf(['spec']),
      hint: 'give one of them another port, host or address',
      object: `${kind} ${metadata.namespace}/${metadata.name}`,
    })
  }
}

/** `''` stands for every name and none. */
function namesOf(match: FilterChain['match']): readonly string[] {
  return match.serverNames.length === 0 ? [''] : match.serverNames
}

function sameClients(a: FilterChain['match'], b: FilterChain['match']): boolean {
  return JSON.stringify(a.sourceCidrs ?? []) === JSON.stringify(b.sourceCidrs ?? [])
}

function sorted<Named extends { readonly name: string }>(resources: ReadonlyMap<string, Named>): Named[] {
  return [...resources.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1))
}
