/** Filters of HTTPRoute and GRPCRoute, at rules and at backends, in the model's words. */
import type {
  Cors,
  HeaderMutation,
  Mirror,
  OriginMatch,
  PathRewrite,
  RedirectAction,
  Rewrite,
} from '../../model/index.ts'
import { resolveBackend, type BackendUse } from './backend-refs.ts'
import type { Problem } from './conditions.ts'
import type { Context } from './context.ts'
import type { GrpcRouteFilter, HttpPathModifier, HttpRouteFilter, Reference } from './specs.ts'

/** What the filters of one rule or backend come to. */
export interface Filters {
  readonly requestHeaders?: HeaderMutation
  readonly responseHeaders?: HeaderMutation
  readonly rewrite?: Rewrite
  readonly mirrors?: readonly Mirror[]
  readonly redirect?: RedirectAction
  readonly cors?: Cors
  /** filters that nobody can apply: requests get 500 */
  readonly unsupported?: string
  /** URLRewrite together with RequestRedirect */
  readonly incompatible?: string
  /** a prefix is to be replaced, and there is none, or more than one */
  readonly withoutPrefix?: string
  /** mirrors that are left out */
  readonly unresolved: readonly Problem[]
}

/** What filters depend on besides themselves. */
export interface FilterScope {
  readonly context: Context
  readonly use: BackendUse
  /** value of the only PathPrefix match of the rule; nothing when there are others */
  readonly prefix?: string
  readonly listenerPort: number
}

/** The filters of a list in the fixed order of the model, whatever the order they are written in. */
export function compileFilters(
  scope: FilterScope,
  filters: readonly (HttpRouteFilter | GrpcRouteFilter)[],
): Filters {
  const state: { -readonly [Name in keyof Filters]: Filters[Name] } & { unresolved: Problem[] } = {
    unresolved: [],
  }
  const mirrors: Mirror[] = []
  for (const [index, filter] of (filters as readonly HttpRouteFilter[]).entries()) {
    switch (filter.type) {
      case 'RequestHeaderModifier': {
        const { host, ...mutation } = headerMutation(scope, index, filter.requestHeaderModifier)
        state.requestHeaders = mutation
        if (host !== undefined) state.rewrite = { host, ...state.rewrite }
        break
      }
      case 'ResponseHeaderModifier':
        state.responseHeaders = headerMutation(scope, index, filter.responseHeaderModifier)
        break
      case 'RequestMirror':
        addMirror(scope, filter.requestMirror, { mirrors, unresolved: state.unresolved })
        break
      case 'RequestRedirect':
        state.redirect = redirectAction(scope, filter.requestRedirect ?? {})
        break
      case 'URLRewrite': {
        const { hostname, path } = filter.urlRewrite ?? {}
        state.rewrite = {
          ...state.rewrite,
          ...(hostname ? { host: hostname } : {}),
          ...(path ? { path: pathRewrite(scope, path) } : {}),
        }
        break
      }
      case 'CORS':
        state.cors = corsPolicy(filter.cors ?? {})
        break
      default:
        state.unsupported = unsupportedFilter(filter)
    }
  }
  const types = filters.map(({ type }) => type as string)
  if (types.includes('URLRewrite') && types.includes('RequestRedirect')) {
    state.incompatible = 'URLRewrite and RequestRedirect cannot both be at one rule'
  }
  if (
    scope.prefix === undefined &&
    [state.rewrite, state.redirect].some((made) => made?.path?.kind === 'path-prefix')
  ) {
    state.withoutPrefix = 'ReplacePrefixMatch needs a rule whose only match is a PathPrefix'
  }
  return { ...state, ...(mirrors.length > 0 ? { mirrors } : {}) }
}

function unsupportedFilter(filter: HttpRouteFilter): string {
  const { extensionRef } = filter
  return extensionRef
    ? `the filter names ${extensionRef.kind} ${extensionRef.name} of group "${extensionRef.group}", which nobody here applies`
    : `a filter of type ${filter.type} is not supported`
}

/** Headers that say how a message is framed are not to be touched. */
const framing = new Set(['content-length', 'transfer-encoding', 'connection', 'upgrade', 'te', 'trailer'])

interface WrittenModifier {
  readonly set?: readonly { readonly name: string; readonly value: string }[]
  readonly add?: readonly { readonly name: string; readonly value: string }[]
  readonly remove?: readonly string[]
}

/** `host`: a `Host` that is set, which is a rewrite of the host. */
function headerMutation(
  { context, use }: FilterScope,
  index: number,
  written: WrittenModifier | undefined,
): HeaderMutation & { readonly host?: string } {
  const lower = (headers: WrittenModifier['set'] = []) =>
    headers.map(({ name, value }) => ({ name: name.toLowerCase(), value }))
  const set = lower(written?.set)
  const host = set.find(({ name }) => name === 'host')?.value
  const names = [...set, ...lower(written?.add)].map(({ name }) => name)
  const removed = (written?.remove ?? []).map((name) => name.toLowerCase())
  const refused = [...names, ...removed].filter((name) => framing.has(name) || name.startsWith(':'))
  for (const name of refused) {
    context.output.report(use.route, [...use.path, 'filters', index], {
      severity: 'warning',
      rule: 'header-not-changeable',
      message: `the header ${name} says how a message is framed: it is left as it is`,
    })
  }
  const isFree = (name: string) => name !== 'host' && !refused.includes(name)
  return {
    set: set.filter(({ name }) => isFree(name)),
    add: lower(written?.add).filter(({ name }) => isFree(name)),
    remove: removed.filter(isFree),
    ...(host === undefined ? {} : { host }),
  }
}

function addMirror(
  { context, use }: FilterScope,
  written: HttpRouteFilter['requestMirror'],
  into: { readonly mirrors: Mirror[]; readonly unresolved: Problem[] },
): void {
  if (written === undefined) return
  const found = resolveBackend(context, use, written.backendRef as Reference)
  if (!('cluster' in found)) {
    into.unresolved.push(found)
    return
  }
  const { percent, fraction } = written
  const share =
    percent === undefined ? fraction && fraction.numerator / (fraction.denominator ?? 100) : percent / 100
  into.mirrors.push({ cluster: found.cluster, ...(share === undefined ? {} : { fraction: share }) })
}

/** HTTPRequestRedirectFilter: without a port, that of the scheme it names, else the listener's. */
function redirectAction(
  scope: FilterScope,
  written: NonNullable<HttpRouteFilter['requestRedirect']>,
): RedirectAction {
  const { scheme, hostname, path, statusCode = 302 } = written
  const port = written.port ?? (scheme ? undefined : scope.listenerPort)
  return {
    kind: 'redirect',
    status: statusCode as RedirectAction['status'],
    ...(scheme ? { scheme } : {}),
    ...(hostname ? { host: hostname } : {}),
    ...(port === undefined ? {} : { port }),
    ...(path ? { path: pathRewrite(scope, path) } : {}),
  }
}

function pathRewrite({ prefix }: FilterScope, path: HttpPathModifier): PathRewrite {
  return path.type === 'ReplaceFullPath'
    ? { kind: 'full', value: path.replaceFullPath ?? '/' }
    : { kind: 'path-prefix', prefix: prefix ?? '', value: path.replacePrefixMatch ?? '' }
}

function corsPolicy(written: NonNullable<HttpRouteFilter['cors']>): Cors {
  return {
    allowOrigins: (written.allowOrigins ?? []).map((origin) => originMatch(origin as string)),
    allowMethods: (written.allowMethods ?? []) as readonly string[],
    allowHeaders: (written.allowHeaders ?? []) as readonly string[],
    exposeHeaders: (written.exposeHeaders ?? []) as readonly string[],
    allowCredentials: written.allowCredentials === true,
    maxAgeSeconds: written.maxAge ?? 5,
  }
}

function originMatch(origin: string): OriginMatch {
  if (origin === '*') return { kind: 'any' }
  return origin.includes('*') ? { kind: 'wildcard', value: origin } : { kind: 'exact', value: origin }
}
