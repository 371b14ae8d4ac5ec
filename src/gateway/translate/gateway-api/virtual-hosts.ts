/**
 * Virtual hosts of one port, made so that a data plane that takes the first match everywhere keeps the API's rules:
 * a listener is chosen by hostname before its routes (isolation), a request that fits no rule of a hostname falls to
 * the less specific hostnames of the same listener, and hosts of other TLS listeners are answered with 421.
 */
import type { Route, VirtualHost } from '../../model/index.ts'
import { compareCandidates, type Candidate, type HostedCandidate } from './candidate.ts'
import { compareHostnames, ownerOf, wildcardsOver } from './hostnames.ts'

/** A listener's hostname with the candidates of its routes, each under its effective hostname. */
export interface HostedListener {
  readonly hostname: string
  readonly candidates: readonly HostedCandidate[]
}

/** Virtual hosts of plain HTTP listeners on one port: each host belongs to the most specific listener. */
export function virtualHosts(listeners: readonly HostedListener[]): VirtualHost[] {
  const owners = new Set(listeners.map(({ hostname }) => hostname))
  return listeners.flatMap((listener) => hostsOf(listener, owners))
}

/**
 * Virtual hosts of the one HTTPS listener that a server name has chosen. A host that another listener of the port
 * matches more specifically, or alone, came over the wrong connection: 421 (RFC 9110 15.5.20).
 */
export function tlsVirtualHosts(listener: HostedListener, others: readonly string[]): VirtualHost[] {
  const owners = new Set([listener.hostname, ...others])
  const misdirected: Route = {
    name: 'misdirected request',
    match: { path: { kind: 'path-prefix', value: '' } },
    action: { kind: 'response', status: 421, why: 'another listener of this port has this host' },
  }
  const domains = [...new Set(others)]
    .filter((hostname) => hostname !== listener.hostname)
    .toSorted(compareHostnames)
  return [
    ...hostsOf(listener, owners),
    ...(domains.length > 0 ? [{ name: 'other listeners', domains, routes: [misdirected] }] : []),
  ]
}

/** The domains of one listener; the listener's own hostname is always one, so that nobody else's routes get it. */
function hostsOf(listener: HostedListener, owners: ReadonlySet<string>): VirtualHost[] {
  const isOwn = (hostname: string) => owners.size === 1 || ownerOf(hostname, owners) === listener.hostname
  const byHostname = new Map<string, readonly Candidate[]>()
  for (const [hostname, hosted] of Map.groupBy(listener.candidates, (candidate) => candidate.hostname)) {
    byHostname.set(hostname, hosted.map(({ candidate }) => candidate).toSorted(compareCandidates))
  }
  const domains = new Set([listener.hostname, ...byHostname.keys()].filter(isOwn))
  return [...domains].toSorted(compareHostnames).map((domain) => {
    const routes = new Set<Candidate>()
    for (const hostname of [domain, ...wildcardsOver(domain)]) {
      for (const candidate of byHostname.get(hostname) ?? []) routes.add(candidate)
    }
    return { name: domain, domains: [domain], routes: [...routes].map(({ route }) => route) }
  })
}
