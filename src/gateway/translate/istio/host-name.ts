/** Host names as Istio compares them: exact, or `*` and a suffix that stands for any number of labels. */

/** Is every host that `narrow` names also named by `wide`? */
export function isSubset(narrow: string, wide: string): boolean {
  if (!wide.startsWith('*')) return narrow === wide
  const suffix = wide.slice(1)
  return narrow.startsWith('*') ? narrow.slice(1).endsWith(suffix) : narrow.endsWith(suffix)
}

/** Of every pair that overlaps the narrower host; lower case, each once, in the order of the first list. */
export function intersect(some: readonly string[], others: readonly string[]): string[] {
  const found = new Set<string>()
  for (const one of some.map(lower)) {
    for (const other of others.map(lower)) {
      if (isSubset(one, other)) found.add(one)
      else if (isSubset(other, one)) found.add(other)
    }
  }
  return [...found]
}

/** The more specific comes first: exact before wildcard, long before short, then by name. */
export function compareSpecificity(left: string, right: string): number {
  const wild = Number(left.startsWith('*')) - Number(right.startsWith('*'))
  if (wild !== 0) return wild
  return right.length - left.length || (left < right ? -1 : Number(left > right))
}

/** A name without a dot is a Service of the namespace; everything else is taken as it is. */
export function fullHost(host: string, namespace: string, domain: string): string {
  const name = host.toLowerCase()
  return name.includes('.') || name.startsWith('*') || name.includes(':')
    ? name
    : `${name}.${namespace}.svc.${domain}`
}

/** A host of a Gateway's server: `host`, or behind a slash after a namespace, `.` or `*`. */
export interface ServerHost {
  /** nothing: VirtualServices of any namespace */
  readonly namespace?: string
  readonly host: string
}

export function parseServerHost(text: string, gatewayNamespace: string): ServerHost {
  const slash = text.indexOf('/')
  if (slash === -1) return { host: text.toLowerCase() }
  const scope = text.slice(0, slash)
  const host = text.slice(slash + 1).toLowerCase()
  if (scope === '*') return { host }
  return { namespace: scope === '.' ? gatewayNamespace : scope, host }
}

/** Hosts of a server that VirtualServices of a namespace may use. */
export function hostsFor(hosts: readonly ServerHost[], namespace: string): string[] {
  return hosts
    .filter((host) => host.namespace === undefined || host.namespace === namespace)
    .map(({ host }) => host)
}

const lower = (text: string) => text.toLowerCase()
