/** What becomes of a rule that hands its requests to a delegate (VirtualService `http.delegate`). */
import type { HttpMatch, HttpRule, StringCondition } from './spec.ts'

/** The delegate's rule within the root's match, with what it leaves open from the root; nothing when they conflict. */
export function mergeDelegate(root: HttpRule, rule: HttpRule): HttpRule | undefined {
  const match = mergeMatches(root.match ?? [], rule.match ?? [])
  if (!match) return undefined
  const { delegate: _, match: __, name: ___, ...inherited } = root
  const name = [root.name, rule.name].filter((part) => part !== undefined && part !== '').join('-')
  return { ...inherited, ...rule, match, ...(name !== '' && { name }) }
}

/** Every match of the delegate must lie within one of the root's. */
function mergeMatches(
  root: readonly HttpMatch[],
  own: readonly HttpMatch[],
): readonly HttpMatch[] | undefined {
  if (root.length === 0) return own
  if (own.length === 0) return root
  const merged: HttpMatch[] = []
  for (const match of own) {
    const outer = root.filter((candidate) => isWithin(match, candidate))
    if (outer.length === 0) return undefined
    merged.push(...outer.map((candidate) => mergeMatch(candidate, match)))
  }
  return merged
}

function mergeMatch(root: HttpMatch, own: HttpMatch): HttpMatch {
  const name = [root.name, own.name].filter((part) => part !== undefined && part !== '').join('-')
  return {
    ...root,
    ...own,
    ...(name !== '' && { name }),
    headers: { ...root.headers, ...own.headers },
    withoutHeaders: { ...root.withoutHeaders, ...own.withoutHeaders },
    queryParams: { ...root.queryParams, ...own.queryParams },
    sourceLabels: { ...root.sourceLabels, ...own.sourceLabels },
  }
}

function isWithin(own: HttpMatch, root: HttpMatch): boolean {
  const strings = [
    [own.uri, root.uri],
    [own.scheme, root.scheme],
    [own.method, root.method],
    [own.authority, root.authority],
    ...pairs(own.headers, root.headers),
    ...pairs(own.withoutHeaders, root.withoutHeaders),
    ...pairs(own.queryParams, root.queryParams),
  ] as const
  const labels = Object.entries(own.sourceLabels ?? {})
  const gateways = root.gateways ?? []
  return (
    strings.every(([inner, outer]) => isNarrower(inner, outer)) &&
    (root.ignoreUriCase ?? false) === (own.ignoreUriCase ?? false) &&
    (!root.port || !own.port || root.port === own.port) &&
    (!root.sourceNamespace || root.sourceNamespace === own.sourceNamespace) &&
    labels.every(([name, value]) => (root.sourceLabels?.[name] ?? value) === value) &&
    (gateways.length === 0 || (own.gateways ?? []).every((gateway) => gateways.includes(gateway)))
  )
}

type Conditions = Readonly<Record<string, StringCondition>> | undefined

function pairs(
  own: Conditions,
  root: Conditions,
): [StringCondition | undefined, StringCondition | undefined][] {
  return Object.entries(own ?? {}).map(([name, condition]) => [condition, root?.[name]])
}

/** A root's regex allows nothing more; a root's exact value only itself; a root's prefix what begins with it. */
function isNarrower(own: StringCondition | undefined, root: StringCondition | undefined): boolean {
  if (!own || !root) return true
  if (root.regex !== undefined) return false
  if (own.regex !== undefined) return false
  if (root.exact !== undefined) return own.exact === root.exact
  if (root.prefix !== undefined) return (own.exact ?? own.prefix ?? '').startsWith(root.prefix)
  return true
}
