/** Routes: which request goes where and what is done to it (xDS `config.route.v3`). */

export interface RouteConfiguration {
  /** unique and stable: `Gateway/default/web/http-8080` */
  readonly name: string
  readonly virtualHosts: readonly VirtualHost[]
}

/**
 * Hosts that share an ordered list of routes. The host of a request, lower case and without its port, picks the most
 * specific domain: exact, longest `*.suffix` (one or more labels; `suffixLabels: 1` exactly one), then `*`.
 */
export interface VirtualHost {
  readonly name: string
  /** `example.com`, `*.example.com` or `*`; a domain is in one virtual host only */
  readonly domains: readonly string[]
  /** labels a `*` may stand for; default any number of one or more (Ingress: 1) */
  readonly suffixLabels?: 1
  /** plain HTTP is answered with a 301 to https, nothing else is looked at (Istio `httpsRedirect`) */
  readonly requireTls?: boolean
  /** first match wins; none: 404, or UNIMPLEMENTED for gRPC */
  readonly routes: readonly Route[]
}

export interface Route {
  /** for people, logs and metrics: `HTTPRoute default/web rule 0 match 1`, with the rule's name when it has one */
  readonly name: string
  readonly match: RouteMatch
  readonly action: ForwardAction | RedirectAction | DirectResponseAction
  /** before the action's own */
  readonly requestHeaders?: HeaderMutation
  /** after the action's own */
  readonly responseHeaders?: HeaderMutation
  /** a preflight is answered here, without the backend */
  readonly cors?: Cors
  /** answered or delayed before anything else happens (Istio `fault`) */
  readonly fault?: Fault
}

/** All that is given must hold. */
export interface RouteMatch {
  readonly path: PathMatch
  readonly method?: StringMatch
  /** `http` or `https` as the client spoke it */
  readonly scheme?: StringMatch
  /** the whole authority without its port (Istio `authority`); virtual hosts are chosen before */
  readonly authority?: StringMatch
  /** name lower case; several values of one header are joined with `,` */
  readonly headers?: readonly ValueMatch[]
  /** name exact; the first value of a repeated parameter, percent-decoded */
  readonly query?: readonly ValueMatch[]
  /** content-type `application/grpc` or `application/grpc+...` */
  readonly grpc?: boolean
}

/** On the path without its query, `%2F` untouched, after the normalisation of ADR "paths". */
export type PathMatch =
  | { readonly kind: 'exact'; readonly value: string; readonly ignoreCase?: boolean }
  /** plain string prefix (Istio) */
  | { readonly kind: 'prefix'; readonly value: string; readonly ignoreCase?: boolean }
  /** by element (Gateway API, Ingress): no trailing `/` in the value, `` for all paths */
  | { readonly kind: 'path-prefix'; readonly value: string }
  /** RE2, the whole path */
  | { readonly kind: 'regex'; readonly value: string }

export type StringMatch =
  | { readonly kind: 'exact'; readonly value: string; readonly ignoreCase?: boolean }
  | { readonly kind: 'prefix'; readonly value: string; readonly ignoreCase?: boolean }
  /** RE2, the whole value */
  | { readonly kind: 'regex'; readonly value: string }
  | { readonly kind: 'present' }

export interface ValueMatch {
  readonly name: string
  readonly value: StringMatch
  /** the match must not hold (Istio `withoutHeaders`) */
  readonly invert?: boolean
}

/** `set` replaces, `add` appends after what is there, `remove` is done first. Names in lower case. */
export interface HeaderMutation {
  readonly set?: readonly HeaderValue[]
  readonly add?: readonly HeaderValue[]
  readonly remove?: readonly string[]
}

export interface HeaderValue {
  readonly name: string
  readonly value: string
}

/** Sent on to one of `targets`, chosen by weight. */
export interface ForwardAction {
  readonly kind: 'forward'
  /** weights of 0 get nothing; a sum of 0 answers `noTargetStatus` */
  readonly targets: readonly ForwardTarget[]
  readonly rewrite?: Rewrite
  readonly mirrors?: readonly Mirror[]
  /** milliseconds from the whole request to the whole answer; 0 or nothing: none. Late: 504 */
  readonly timeoutMs?: number
  readonly retry?: Retry
  /** answered when no target can be chosen; default 500 (Gateway API); Istio 503 */
  readonly noTargetStatus?: number
  /** protocols an `Upgrade` may ask for; default `['websocket']` */
  readonly upgrades?: readonly string[]
  readonly sessionPersistence?: SessionPersistence
}

export interface ForwardTarget {
  readonly weight: number
  /**
   * What this share gets. `cluster` names a cluster; one that is not in the snapshot answers `noTargetStatus`.
   * An invalid backend keeps its weight as a `status`.
   */
  readonly to:
    | { readonly cluster: string }
    | { readonly status: number; readonly why: string }
    | { readonly redirect: RedirectAction }
  readonly requestHeaders?: HeaderMutation
  readonly responseHeaders?: HeaderMutation
  /** in place of the action's */
  readonly rewrite?: Rewrite
  readonly mirrors?: readonly Mirror[]
}

export interface Rewrite {
  /** new `Host`; the old one goes to X-Forwarded-Host */
  readonly host?: string
  /** the host of the chosen endpoint's DNS name */
  readonly autoHost?: boolean
  readonly path?: PathRewrite
}

export type PathRewrite =
  | { readonly kind: 'full'; readonly value: string }
  /** replaces the part that a `path-prefix` matched; slashes are never doubled, an empty result is `/` */
  | { readonly kind: 'path-prefix'; readonly prefix: string; readonly value: string }
  /** replaces the part that a plain `prefix` matched, as strings (Istio) */
  | { readonly kind: 'prefix'; readonly prefix: string; readonly value: string }
  /** RE2; all matches, with `\1` for groups */
  | { readonly kind: 'regex'; readonly pattern: string; readonly value: string }

export interface RedirectAction {
  readonly kind: 'redirect'
  readonly status: 301 | 302 | 303 | 307 | 308
  readonly scheme?: string
  readonly host?: string
  /**
   * Port of the Location. A number is written unless it is the scheme's own. `request`: the port of the request's
   * authority. Nothing: the scheme's own port.
   */
  readonly port?: number | 'request'
  readonly path?: PathRewrite
  /** the query is dropped; default kept */
  readonly stripQuery?: boolean
}

export interface DirectResponseAction {
  readonly kind: 'response'
  readonly status: number
  /** UTF-8 text, or bytes in base64 */
  readonly body?: { readonly text: string } | { readonly base64: string }
  /** told in the access log; to a gRPC client as its message */
  readonly why?: string
  /** gRPC status a gRPC request gets in place of `status`, by number; default from the HTTP status */
  readonly grpcStatus?: number
}

/** A copy of the request as it is sent, whose answer nobody waits for. */
export interface Mirror {
  readonly cluster: string
  /** share of requests, 0 to 1; default 1 */
  readonly fraction?: number
  /** `-shadow` is put behind the host (Istio); default the host as it is */
  readonly shadowHost?: boolean
}

export interface Retry {
  /** tries after the first */
  readonly attempts: number
  /** what is tried again: Envoy's `retry_on` words, and status codes as numbers */
  readonly on: readonly (RetryCondition | number)[]
  /** milliseconds of one try, the first too; 0 or nothing: only `timeoutMs`. Late: 504 */
  readonly perTryTimeoutMs?: number
  /** milliseconds before the first new try, doubled for each more, with jitter; default 25 */
  readonly backoffMs?: number
  /** an endpoint that was tried is not taken again while there are others */
  readonly avoidPrevious?: boolean
}

export type RetryCondition =
  | '5xx'
  | 'gateway-error'
  | 'reset'
  | 'reset-before-request'
  | 'connect-failure'
  | 'refused-stream'
  | 'retriable-4xx'
  | 'timeout'
  | 'cancelled'
  | 'deadline-exceeded'
  | 'internal'
  | 'resource-exhausted'
  | 'unavailable'

export interface Cors {
  /** any of them; `*` as `{kind:'prefix', value:''}` with `anyOrigin` */
  readonly allowOrigins: readonly OriginMatch[]
  /** `*` in a list means all; with credentials the asked-for ones are echoed */
  readonly allowMethods: readonly string[]
  readonly allowHeaders: readonly string[]
  readonly exposeHeaders: readonly string[]
  readonly allowCredentials: boolean
  /** seconds; nothing: no header */
  readonly maxAgeSeconds?: number
  /** a preflight of an origin that is not allowed goes on to the backend; default false: answered without headers */
  readonly forwardUnmatchedPreflight?: boolean
}

export type OriginMatch =
  | StringMatch
  | { readonly kind: 'any' }
  | { readonly kind: 'wildcard'; readonly value: string }

export interface Fault {
  readonly delay?: { readonly ms: number; readonly fraction: number }
  readonly abort?: { readonly status: number; readonly grpcStatus?: number; readonly fraction: number }
}

export interface SessionPersistence {
  readonly kind: 'cookie' | 'header'
  readonly name: string
  /** cookie path; default `/` */
  readonly path?: string
  /** seconds a cookie lives; nothing: a session cookie */
  readonly maxAgeSeconds?: number
  readonly idleSeconds?: number
}
