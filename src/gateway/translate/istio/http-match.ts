/** `http.match` of a VirtualService as a match of the route model. */
import type { PathMatch, RouteMatch, StringMatch, ValueMatch } from '../../model/index.ts'
import type { Context, Part } from './context.ts'
import { below } from './context.ts'
import { areRegexes } from './regexes.ts'
import { formatLabels } from './servers.ts'
import type { HttpMatch, StringCondition } from './spec.ts'

export interface MatchScope {
  /** port of the server */
  readonly port: number
  /** `namespace/name` of the Gateway */
  readonly gateway: string
}

/** Can the match ever hold at this server? Ports, gateways and source labels are known beforehand. */
export function canHold(match: HttpMatch, scope: MatchScope, context: Context, part: Part): boolean {
  if (match.port && match.port !== scope.port) return false
  if (match.gateways && match.gateways.length > 0) return match.gateways.includes(scope.gateway)
  const labels = Object.entries(match.sourceLabels ?? {})
  const fits = labels.every(([name, value]) => context.options.labels[name] === value)
  if (!fits || match.sourceNamespace) {
    const { object, path } = below(part, fits ? 'sourceNamespace' : 'sourceLabels')
    context.report.warn(object, path, {
      rule: 'match-never-holds',
      message: fits
        ? 'a gateway is in no namespace, so a match with sourceNamespace never holds'
        : `the source is this gateway, whose labels are ${formatLabels(context.options.labels)}`,
    })
    return false
  }
  return true
}

export const everything: RouteMatch = { path: { kind: 'prefix', value: '/' } }

/** Nothing when it can never hold, which is told. */
export function translateMatch(match: HttpMatch, context: Context, part: Part): RouteMatch | undefined {
  if (!areRegexes(match, context, part)) return undefined
  if (match.statPrefix) {
    const { object, path } = below(part, 'statPrefix')
    context.report.ignored(object, path, 'metrics are named after routes')
  }
  const wanted = translateHeaders(match, 'headers', context, part)
  const unwanted = translateHeaders(match, 'withoutHeaders', context, part)
  if (!wanted || !unwanted) return undefined
  const headers = [...wanted, ...unwanted]
  const query = Object.entries(match.queryParams ?? {}).map(([name, condition]) => ({
    name,
    value: stringMatch(condition),
  }))
  return {
    path: pathMatch(match.uri, match.ignoreUriCase ?? false),
    ...(match.method && { method: stringMatch(match.method) }),
    ...(match.scheme && { scheme: stringMatch(match.scheme) }),
    ...(match.authority && { authority: stringMatch(match.authority) }),
    ...(headers.length > 0 && { headers }),
    ...(query.length > 0 && { query }),
  }
}

function translateHeaders(
  match: HttpMatch,
  field: 'headers' | 'withoutHeaders',
  { report }: Context,
  part: Part,
): ValueMatch[] | undefined {
  const found: ValueMatch[] = []
  for (const [name, condition] of Object.entries(match[field] ?? {})) {
    const { object, path } = below(part, field, name)
    if (name.startsWith('@request.auth.')) {
      report.error(object, path, {
        rule: 'unsupported-match',
        message: `claims of a token (${name}) are not known here, so the match never holds`,
      })
      return undefined
    }
    if (['uri', 'scheme', 'method', 'authority'].includes(name)) {
      report.ignored(object, path, `write match.${name}`)
      continue
    }
    found.push({
      name: name.toLowerCase(),
      value: stringMatch(condition),
      ...(field === 'withoutHeaders' && { invert: true }),
    })
  }
  return found.toSorted((left, right) => (left.name < right.name ? -1 : Number(left.name > right.name)))
}

function pathMatch(uri: StringCondition | undefined, ignoreCase: boolean): PathMatch {
  const caseless = ignoreCase && { ignoreCase }
  if (uri?.exact !== undefined) return { kind: 'exact', value: uri.exact, ...caseless }
  if (uri?.prefix !== undefined) return { kind: 'prefix', value: uri.prefix, ...caseless }
  if (uri?.regex !== undefined) return { kind: 'regex', value: uri.regex }
  return everything.path
}

/** No condition, and the regex `*` that is none, ask only for the thing to be there. */
export function stringMatch(condition: StringCondition | null | undefined): StringMatch {
  if (condition?.exact !== undefined) return { kind: 'exact', value: condition.exact }
  if (condition?.prefix !== undefined) return { kind: 'prefix', value: condition.prefix }
  if (condition?.regex !== undefined && condition.regex !== '*')
    return { kind: 'regex', value: condition.regex }
  return { kind: 'present' }
}

/** Istio's catch-alls, which go behind all routes of other VirtualServices: `/` or `.*`, and no other condition. */
export function isCatchAll({ path, ...rest }: RouteMatch): boolean {
  const all = (path.kind === 'prefix' && path.value === '/') || (path.kind === 'regex' && path.value === '.*')
  return all && Object.values(rest).every((condition) => condition === undefined)
}
