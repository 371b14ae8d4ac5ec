/** The routes that one VirtualService has at one server. */
import type { Route, RouteMatch } from '../../model/index.ts'
import type { Context, Part } from './context.ts'
import { below } from './context.ts'
import { translateHeaderOperations } from './header-operations.ts'
import { translateAction } from './http-action.ts'
import { canHold, everything, isCatchAll, translateMatch, type MatchScope } from './http-match.ts'
import { translateCors, translateFault } from './http-policies.ts'
import { nameOf } from '../report.ts'
import type { HttpMatch } from './spec.ts'
import type { PlacedRule, VirtualService } from './virtual-services.ts'

/** In the order they are written, up to the first that takes everything. */
export function routesOf(service: VirtualService, scope: MatchScope, context: Context): Route[] {
  const routes: Route[] = []
  for (const [index, placed] of service.http.entries()) {
    for (const [position, match] of matchesOf(placed)) {
      const route = translateRule(service, placed, { match, position }, { scope, context })
      if (!route) continue
      routes.push(route)
      if (!isCatchAll(route.match)) continue
      for (const { object, path } of service.http.slice(index + 1)) {
        context.report.warn(object, path, {
          rule: 'unreachable-rule',
          message: `it is never reached: ${route.name} before it takes every request`,
        })
      }
      return routes
    }
  }
  return routes
}

/** No match at all is one that takes everything. */
function matchesOf({ rule }: PlacedRule): [number | undefined, HttpMatch | undefined][] {
  const { match = [] } = rule
  return match.length === 0 ? [[undefined, undefined]] : [...match.entries()]
}

function translateRule(
  service: VirtualService,
  placed: PlacedRule,
  { match, position }: { readonly match: HttpMatch | undefined; readonly position: number | undefined },
  { scope, context }: { readonly scope: MatchScope; readonly context: Context },
): Route | undefined {
  const part: Part = { object: placed.object, path: placed.path }
  const own = below(part, 'match', position ?? 0)
  if (match && !canHold(match, scope, context, own)) return undefined
  const condition: RouteMatch | undefined = match ? translateMatch(match, context, own) : everything
  if (!condition) return undefined
  const { rule } = placed
  const { authority, ...headers } = translateHeaderOperations(rule.headers)
  const action = translateAction(
    rule,
    condition.path,
    {
      port: scope.port,
      namespace: service.object.metadata.namespace,
      ...(authority !== undefined && { authority }),
    },
    { context, part },
  )
  if (!action) return undefined
  const fault = rule.fault && translateFault(rule.fault, context, below(part, 'fault'))
  return {
    name: routeName(service, placed, match, position),
    match: condition,
    action,
    ...headers,
    ...(rule.corsPolicy && { cors: translateCors(rule.corsPolicy, context, below(part, 'corsPolicy')) }),
    ...(fault && { fault }),
  }
}

/** `VirtualService default/web http 0 match 1 (by-user)` */
function routeName(
  service: VirtualService,
  { rule, object, path }: PlacedRule,
  match: HttpMatch | undefined,
  position: number | undefined,
): string {
  const by = object === service.object ? '' : ` via ${nameOf(object)}`
  const at = position === undefined ? '' : ` match ${position}`
  const names = [rule.name, match?.name].filter(Boolean).join('.')
  return `${nameOf(service.object)}${by} ${path.join(' ')}${at}${names === '' ? '' : ` (${names})`}`
}
