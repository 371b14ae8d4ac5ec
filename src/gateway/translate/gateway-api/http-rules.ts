/** Rules of an HTTPRoute as candidates of the model. */
import { createHash } from 'node:crypto'
import type {
  ForwardAction,
  ForwardTarget,
  Retry,
  RetryCondition,
  Route,
  SessionPersistence,
} from '../../model/index.ts'
import type { KubeObject } from '../../objects/object.ts'
import { resolveBackend, type BackendUse } from './backend-refs.ts'
import type { Candidate } from './candidate.ts'
import type { CompiledRoute, DroppedRule } from './compiled-route.ts'
import { fine, problem, type Problem } from './conditions.ts'
import type { Context } from './context.ts'
import { milliseconds } from './durations.ts'
import { compileFilters, type Filters } from './filters.ts'
import { grpcMatch, httpMatch, type Matched } from './http-matches.ts'
import type { GatewayState } from './listener-state.ts'
import type {
  GrpcRouteMatch,
  GrpcRouteSpec,
  HttpRouteMatch,
  HttpRouteRule,
  HttpRouteSpec,
  Reference,
} from './specs.ts'

/** Where a route is compiled for; no Gateway: only its references are judged. */
export interface RouteScope {
  readonly context: Context
  readonly gateway?: GatewayState
  readonly listenerPort: number
}

type HttpLikeRoute = KubeObject<HttpRouteSpec> | KubeObject<GrpcRouteSpec>

/** HTTPRoute and GRPCRoute. A rule that cannot be had is dropped alone. */
export function compileHttpRoute(scope: RouteScope, object: HttpLikeRoute): CompiledRoute {
  const candidates: Candidate[] = []
  const dropped: DroppedRule[] = []
  const unresolved: Problem[] = []
  for (const [index, rule] of ((object.spec.rules ?? []) as HttpRouteRule[]).entries()) {
    const matches = matchesOf(object, rule)
    const wrong = matches.find((matched) => 'wrong' in matched)
    const compiled = new RuleCompiler(scope, object, index, rule)
    const bad = wrong && 'wrong' in wrong ? problem('UnsupportedValue', wrong.wrong) : compiled.problem
    if (bad !== undefined) {
      dropped.push({ rule: index, problem: bad })
      continue
    }
    const route = compiled.route()
    unresolved.push(...compiled.unresolved)
    for (const [at, matched] of matches.entries()) {
      if ('wrong' in matched) continue
      const name = matches.length > 1 ? `${route.name} match ${at}` : route.name
      candidates.push({
        object,
        route: { ...route, name, match: matched.match },
        rank: matched.rank,
        order: [index, at],
      })
    }
  }
  return { candidates, dropped, resolved: unresolved[0] ?? fine }
}

function matchesOf(object: HttpLikeRoute, rule: HttpRouteRule): Matched[] {
  const written = rule.matches && rule.matches.length > 0 ? rule.matches : [{}]
  return object.kind === 'GRPCRoute'
    ? (written as unknown as GrpcRouteMatch[]).map(grpcMatch)
    : (written as HttpRouteMatch[]).map(httpMatch)
}

class RuleCompiler {
  readonly unresolved: Problem[] = []
  readonly #scope: RouteScope
  readonly #object: HttpLikeRoute
  readonly #index: number
  readonly #rule: HttpRouteRule
  readonly #filters: Filters

  constructor(scope: RouteScope, object: HttpLikeRoute, index: number, rule: HttpRouteRule) {
    this.#scope = scope
    this.#object = object
    this.#index = index
    this.#rule = rule
    this.#filters = this.#compileFilters(this.#path, rule.filters ?? [])
  }

  /** why the whole rule cannot be had */
  get problem(): Problem | undefined {
    const { incompatible, withoutPrefix } = this.#filters
    if (incompatible !== undefined) return problem('IncompatibleFilters', incompatible)
    return withoutPrefix === undefined ? undefined : problem('UnsupportedValue', withoutPrefix)
  }

  route(): Omit<Route, 'match'> {
    const { requestHeaders, responseHeaders, cors, redirect, unsupported, unresolved } = this.#filters
    const { namespace, name } = this.#object.metadata
    const called = this.#rule.name === undefined ? '' : ` ${this.#rule.name}`
    this.unresolved.push(...unresolved)
    return {
      name: `${this.#object.kind} ${namespace}/${name} rule ${this.#index}${called}`,
      action:
        unsupported === undefined
          ? (redirect ?? this.#forward())
          : { kind: 'response', status: this.#failure, why: this.#unsupported(unsupported) },
      ...(requestHeaders ? { requestHeaders } : {}),
      ...(responseHeaders ? { responseHeaders } : {}),
      ...(cors ? { cors } : {}),
    }
  }

  /** What requests to an invalid backend get: 500, and UNAVAILABLE of gRPC (GRPCRouteRule.BackendRefs). */
  get #failure(): 500 | 503 {
    return this.#object.kind === 'GRPCRoute' ? 503 : 500
  }

  get #path(): (string | number)[] {
    return ['spec', 'rules', this.#index]
  }

  #use(path: readonly (string | number)[]): BackendUse {
    const { gateway } = this.#scope
    const traffic = this.#object.kind === 'GRPCRoute' ? 'grpc' : 'http'
    return { route: this.#object, path, traffic, ...(gateway ? { gateway } : {}) }
  }

  #compileFilters(
    path: readonly (string | number)[],
    filters: NonNullable<HttpRouteRule['filters']>,
  ): Filters {
    const { context, listenerPort } = this.#scope
    const matches = this.#rule.matches ?? []
    const only = matches.length === 0 ? {} : matches.length === 1 ? matches[0]?.path : undefined
    const prefix = only && (only.type ?? 'PathPrefix') === 'PathPrefix' ? (only.value ?? '/') : undefined
    return compileFilters(
      {
        context,
        use: this.#use(path),
        listenerPort,
        ...(prefix === undefined ? {} : { prefix: prefix.replace(/\/+$/, '') }),
      },
      filters,
    )
  }

  #unsupported(message: string): string {
    this.unresolved.push(problem('InvalidKind', message))
    return message
  }

  #forward(): ForwardAction {
    const { rewrite, mirrors } = this.#filters
    const timeoutMs = milliseconds(this.#rule.timeouts?.request)
    const retry = retryOf(this.#rule)
    const sessionPersistence = sessionOf(this.#object, this.#index, this.#rule)
    return {
      kind: 'forward',
      targets: (this.#rule.backendRefs ?? []).map((reference, at) => this.#target(reference, at)),
      ...(this.#failure === 500 ? {} : { noTargetStatus: this.#failure }),
      ...(rewrite ? { rewrite } : {}),
      ...(mirrors ? { mirrors } : {}),
      ...(timeoutMs ? { timeoutMs } : {}),
      ...(retry ? { retry } : {}),
      ...(sessionPersistence ? { sessionPersistence } : {}),
    }
  }

  #target(reference: NonNullable<HttpRouteRule['backendRefs']>[number], at: number): ForwardTarget {
    const path = [...this.#path, 'backendRefs', at]
    const filters = this.#compileFilters(path, reference.filters ?? [])
    const { requestHeaders, responseHeaders, rewrite, mirrors, redirect, unsupported } = filters
    this.unresolved.push(...filters.unresolved)
    const found = resolveBackend(this.#scope.context, this.#use(path), reference as Reference)
    if (!('cluster' in found)) this.unresolved.push(found)
    return {
      weight: reference.weight ?? 1,
      to: !('cluster' in found)
        ? { status: this.#failure, why: found.message }
        : unsupported !== undefined
          ? { status: this.#failure, why: this.#unsupported(unsupported) }
          : redirect
            ? { redirect }
            : { cluster: found.cluster },
      ...(requestHeaders ? { requestHeaders } : {}),
      ...(responseHeaders ? { responseHeaders } : {}),
      ...(rewrite ? { rewrite: { ...this.#filters.rewrite, ...rewrite } } : {}),
      ...(mirrors ? { mirrors: [...(this.#filters.mirrors ?? []), ...mirrors] } : {}),
    }
  }
}

/** A connection that fails and a backend that is late are tried again, whatever the codes (GEP-1731). */
const always: readonly RetryCondition[] = ['connect-failure', 'refused-stream', 'reset', 'timeout']

function retryOf({ retry, timeouts }: HttpRouteRule): Retry | undefined {
  const perTryTimeoutMs = milliseconds(timeouts?.backendRequest)
  const perTry = perTryTimeoutMs ? { perTryTimeoutMs } : {}
  if (retry === undefined) return perTryTimeoutMs ? { attempts: 0, on: [], ...perTry } : undefined
  const backoffMs = milliseconds(retry.backoff)
  return {
    attempts: retry.attempts ?? 2,
    on: [...always, ...((retry.codes ?? []) as number[])],
    ...perTry,
    ...(backoffMs === undefined ? {} : { backoffMs }),
  }
}

/** As of v1.6, and with the names of before. */
interface WrittenSession {
  readonly type?: string
  readonly sessionName?: string
  readonly absoluteTimeout?: string
  readonly idleTimeout?: string
  readonly cookieConfig?: { readonly lifetimeType?: string }
  readonly cookie?: { readonly name?: string; readonly path?: string; readonly lifetimeType?: string }
  readonly header?: { readonly name?: string }
}

function sessionOf(object: KubeObject, index: number, rule: HttpRouteRule): SessionPersistence | undefined {
  const written = rule.sessionPersistence as WrittenSession | undefined
  if (written === undefined) return undefined
  const isHeader = written.type === 'Header'
  const { namespace, name } = object.metadata
  const unique = createHash('sha256').update(`${object.kind}/${namespace}/${name}/${index}`).digest('hex')
  const isPermanent = (written.cookie ?? written.cookieConfig)?.lifetimeType === 'Permanent'
  const seconds = (duration: string | undefined) => Math.ceil((milliseconds(duration) ?? 0) / 1000)
  const maxAgeSeconds = isPermanent ? seconds(written.absoluteTimeout) : 0
  const idleSeconds = seconds(written.idleTimeout)
  const given = isHeader ? written.header?.name : written.cookie?.name
  return {
    kind: isHeader ? 'header' : 'cookie',
    name: given ?? written.sessionName ?? (isHeader ? 'x-session' : `session-${unique.slice(0, 12)}`),
    ...(written.cookie?.path === undefined ? {} : { path: written.cookie.path }),
    ...(maxAgeSeconds > 0 ? { maxAgeSeconds } : {}),
    ...(idleSeconds > 0 ? { idleSeconds } : {}),
  }
}
