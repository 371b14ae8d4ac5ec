/**
 * Hostnames of listeners and routes (GEP-1426 wording of the API): lower case; `*.example.com` stands for one or more
 * labels; `*` for every name and none.
 */

/** True if every name that `inner` stands for is one of `outer`. */
export function covers(outer: string, inner: string): boolean {
  if (outer === '*' || outer === inner) return true
  return outer.startsWith('*.') && inner.endsWith(outer.slice(1)) && inner.length > outer.length - 1
}

/** The narrower of two hostnames when one covers the other. */
export function intersection(a: string, b: string): string | undefined {
  if (covers(a, b)) return b
  return covers(b, a) ? a : undefined
}

/** Order of precedence, most specific first: exact, then wildcards by labels, then `*`; longer before shorter. */
export function compareHostnames(a: string, b: string): number {
  return rank(a) - rank(b) || b.length - a.length || (a < b ? -1 : a > b ? 1 : 0)
}

function rank(hostname: string): number {
  if (!hostname.startsWith('*')) return 0
  return hostname === '*' ? 2 : 1
}

/** Wildcards that cover a hostname and are not it, most specific first. */
export function wildcardsOver(hostname: string): string[] {
  if (hostname === '*') return []
  const labels = hostname.split('.')
  return labels.flatMap((_, at) => {
    const wildcard = ['*', ...labels.slice(at + 1)].join('.')
    return wildcard === hostname ? [] : [wildcard]
  })
}

/** Of listeners' hostnames, the most specific that covers one. */
export function ownerOf(hostname: string, owners: Iterable<string>): string | undefined {
  return [...owners].filter((owner) => covers(owner, hostname)).toSorted(compareHostnames)[0]
}
