/** Where a rule of a VirtualService sends a request. */
import type {
  DirectResponseAction,
  ForwardAction,
  ForwardTarget,
  Mirror,
  PathMatch,
  PathRewrite,
  RedirectAction,
  Rewrite,
} from '../../model/index.ts'
import type { Context, Part } from './context.ts'
import { below } from './context.ts'
import { translateHeaderOperations } from './header-operations.ts'
import { fractionOf, translateRetries } from './http-policies.ts'
import { isRegex } from './regexes.ts'
import { placedDuration } from './placed-duration.ts'
import type { HttpDestination, HttpRedirect, HttpRule } from './spec.ts'

export interface ActionScope {
  /** port of the server; the port of a destination that names none and whose service has several */
  readonly port: number
  /** namespace of the VirtualService */
  readonly namespace: string
  /** authority of the rule's own headers */
  readonly authority?: string
}

export function translateAction(
  rule: HttpRule,
  path: PathMatch,
  scope: ActionScope,
  { context, part }: { readonly context: Context; readonly part: Part },
): ForwardAction | RedirectAction | DirectResponseAction | undefined {
  if (rule.redirect) return translateRedirect(rule.redirect, context, below(part, 'redirect'))
  if (rule.directResponse) return translateDirectResponse(rule.directResponse)
  if (!rule.route || rule.route.length === 0) {
    context.report.error(part.object, part.path, {
      rule: 'rule-without-action',
      message: 'the rule has no route, redirect or directResponse, so it is left out',
    })
    return undefined
  }
  return translateForward(rule, path, scope, { context, part })
}

function translateForward(
  rule: HttpRule,
  path: PathMatch,
  scope: ActionScope,
  { context, part }: { readonly context: Context; readonly part: Part },
): ForwardAction {
  const destinations = liveDestinations(rule.route ?? [], context, part)
  const resolved = destinations.map(({ destination, index }) =>
    context.destinations.resolve(destination.destination, scope, below(part, 'route', index, 'destination')),
  )
  const pattern = rule.rewrite?.uriRegexRewrite?.match
  if (pattern !== undefined) isRegex(pattern, context, below(part, 'rewrite', 'uriRegexRewrite', 'match'))
  const rewrite = translateRewrite(rule, path, scope.authority)
  const targets = destinations.map(({ destination }, at): ForwardTarget => {
    const { authority, ...headers } = translateHeaderOperations(destination.headers)
    const host = authority !== undefined && rewrite?.host === undefined && { ...rewrite, host: authority }
    return {
      weight: destinations.length === 1 ? 1 : (destination.weight ?? 0),
      to: resolved[at]?.to ?? { status: 503, why: 'no destination' },
      ...headers,
      ...(host && { rewrite: host }),
    }
  })
  const isHashed = resolved.length === 1 && resolved[0]?.isHashed === true
  const timeoutMs = placedDuration(rule.timeout, context, below(part, 'timeout'))
  const retry = translateRetries(rule.retries, isHashed, context, below(part, 'retries'))
  const mirrors = translateMirrors(rule, scope, context, part)
  return {
    kind: 'forward',
    targets,
    noTargetStatus: 503,
    ...(rewrite && { rewrite }),
    ...(mirrors.length > 0 && { mirrors }),
    ...(timeoutMs !== undefined && { timeoutMs }),
    ...(retry && { retry }),
  }
}

interface IndexedDestination {
  readonly destination: HttpDestination
  readonly index: number
}

/** One destination gets everything; of several those without a weight get nothing. */
function liveDestinations(
  routes: readonly HttpDestination[],
  { report }: Context,
  { object, path }: Part,
): IndexedDestination[] {
  const all = routes.map((destination, index) => ({ destination, index }))
  if (all.length < 2) return all
  const live = all.filter(({ destination }) => (destination.weight ?? 0) > 0)
  if (live.length === 0) {
    report.error(object, [...path, 'route'], {
      rule: 'weights-without-sum',
      message: 'no destination has a weight, so the rule answers 503',
      hint: 'with several destinations each needs a weight',
    })
  }
  return live
}

/** `rewrite.uri` replaces what the match took: a prefix, or the whole path of an exact or regex match. */
function translateRewrite(
  rule: HttpRule,
  path: PathMatch,
  authority: string | undefined,
): Rewrite | undefined {
  const { rewrite } = rule
  const regex = rewrite?.uriRegexRewrite
  const host = rewrite?.authority ? rewrite.authority : authority
  let change: PathRewrite | undefined
  if (regex) {
    change = { kind: 'regex', pattern: regex.match ?? '', value: regex.rewrite ?? '' }
  } else if (rewrite?.uri) {
    change =
      path.kind === 'prefix'
        ? { kind: 'prefix', prefix: path.value, value: rewrite.uri }
        : { kind: 'full', value: rewrite.uri }
  }
  if (host === undefined && !change) return undefined
  return { ...(host !== undefined && { host }), ...(change && { path: change }) }
}

function translateRedirect(
  redirect: HttpRedirect,
  { report }: Context,
  { object, path }: Part,
): RedirectAction | undefined {
  const status = redirect.redirectCode ? redirect.redirectCode : 301
  if (status !== 301 && status !== 302 && status !== 303 && status !== 307 && status !== 308) {
    report.error(object, [...path, 'redirectCode'], {
      rule: 'invalid-redirect-code',
      message: `${status} is not a redirect, so the rule is left out`,
      hint: 'one of 301, 302, 303, 307, 308',
    })
    return undefined
  }
  const [, host, ownPort] = /^(.*?)(?::(\d+))?$/.exec(redirect.authority ?? '') ?? []
  const port = redirectPort(redirect, ownPort)
  return {
    kind: 'redirect',
    status,
    ...(redirect.scheme && { scheme: redirect.scheme }),
    ...(host && { host }),
    ...(port !== undefined && { port }),
    ...(redirect.uri && { path: { kind: 'full', value: redirect.uri } }),
    ...(redirect.uri?.includes('?') && { stripQuery: true }),
  }
}

/** Without a word on ports a new authority has its own, and the request's stays with its own. */
function redirectPort(redirect: HttpRedirect, ownPort: string | undefined): RedirectAction['port'] {
  if (redirect.port) return redirect.port
  if (redirect.derivePort === 'FROM_REQUEST_PORT') return 'request'
  if (redirect.derivePort === 'FROM_PROTOCOL_DEFAULT') return undefined
  if (redirect.authority) return ownPort === undefined ? undefined : Number(ownPort)
  return 'request'
}

function translateDirectResponse(response: NonNullable<HttpRule['directResponse']>): DirectResponseAction {
  const { status, body } = response
  if (body?.string !== undefined) return { kind: 'response', status, body: { text: body.string } }
  if (body?.bytes !== undefined) return { kind: 'response', status, body: { base64: body.bytes } }
  return { kind: 'response', status }
}

function translateMirrors(rule: HttpRule, scope: ActionScope, context: Context, part: Part): Mirror[] {
  const percent = rule.mirrorPercent ?? rule.mirror_percent
  const share = fractionOf(rule.mirrorPercentage) ?? (percent === undefined ? 1 : percent / 100)
  const wanted = [
    ...(rule.mirror ? [{ destination: rule.mirror, fraction: share, at: ['mirror'] }] : []),
    ...(rule.mirrors ?? []).map(({ destination, percentage }, index) => ({
      destination,
      fraction: fractionOf(percentage) ?? 1,
      at: ['mirrors', index, 'destination'],
    })),
  ]
  return wanted.flatMap(({ destination, fraction, at }) => {
    const { to } = context.destinations.resolve(destination, scope, below(part, ...at))
    if (fraction === 0 || !('cluster' in to)) return []
    return [{ cluster: to.cluster, ...(fraction < 1 && { fraction }) }]
  })
}
