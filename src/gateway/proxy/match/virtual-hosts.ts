/** Finds the virtual host of a request: exact name, longest `*.suffix`, `*`. */
import type { VirtualHost } from '../../model/index.ts'

interface Domains<T> {
  readonly exact: ReadonlyMap<string, T>
  /** by the suffix behind `*.` */
  readonly suffixes: ReadonlyMap<string, { readonly host: T; readonly isOneLabel: boolean }>
  readonly any: T | undefined
}

/** Of two virtual hosts with one domain the first has it. */
export function indexDomains<T extends Pick<VirtualHost, 'domains' | 'suffixLabels'>>(
  hosts: readonly T[],
): (name: string) => T | undefined {
  const exact = new Map<string, T>()
  const suffixes = new Map<string, { host: T; isOneLabel: boolean }>()
  let any: T | undefined
  for (const host of hosts) {
    for (const domain of host.domains.map((name) => name.toLowerCase())) {
      if (domain === '*') any ??= host
      else if (domain.startsWith('*.'))
        addFirst(suffixes, domain.slice(2), { host, isOneLabel: host.suffixLabels === 1 })
      else addFirst(exact, domain, host)
    }
  }
  return (name) => find({ exact, suffixes, any }, name)
}

function addFirst<T>(map: Map<string, T>, key: string, value: T): void {
  if (!map.has(key)) map.set(key, value)
}

function find<T>(domains: Domains<T>, name: string): T | undefined {
  const exact = domains.exact.get(name)
  if (exact !== undefined || domains.suffixes.size === 0) return exact ?? domains.any
  // A `*` is at least one label with something in it, so a name that starts with a dot has no suffix.
  for (let dot = name.indexOf('.', 1), labels = 1; dot > 0; dot = name.indexOf('.', dot + 1), labels++) {
    const found = domains.suffixes.get(name.slice(dot + 1))
    if (found !== undefined && (labels === 1 || !found.isOneLabel)) return found.host
  }
  return domains.any
}
