/** Cross-origin resource sharing (fetch.spec.whatwg.org, "CORS protocol"; Gateway API HTTPCORSFilter; Istio CorsPolicy). */
import type { Cors, OriginMatch } from '../../model/index.ts'
import { valueOf, type HeaderList } from '../headers/header-list.ts'
import { compileText } from '../match/predicates.ts'

export interface CompiledCors {
  /** headers of the answer to a preflight; nothing when the request is none, or goes on to the backend */
  readonly preflight: (method: string, headers: HeaderList) => string[] | undefined
  /** headers to put into the answer of any other request; the backend's own of these names give way */
  readonly simple: (headers: HeaderList) => string[] | undefined
}

/** @throws Error when an origin is a regular expression that RE2 does not know */
export function compileCors(cors: Cors): CompiledCors {
  const isAllowed = compileOrigins(cors.allowOrigins)
  const isAny = cors.allowOrigins.some((origin) => origin.kind === 'any')
  const allowing = (origin: string): string[] => {
    const shown = isAny && !cors.allowCredentials ? '*' : origin
    return ['access-control-allow-origin', shown, ...(shown === '*' ? [] : ['vary', 'Origin'])]
  }
  const credentials = cors.allowCredentials ? ['access-control-allow-credentials', 'true'] : []
  return {
    preflight(method, headers) {
      const origin = valueOf(headers, 'origin')
      const wanted = valueOf(headers, 'access-control-request-method')
      if (method !== 'OPTIONS' || origin === undefined || wanted === undefined) return undefined
      if (!isAllowed(origin)) return cors.forwardUnmatchedPreflight ? undefined : []
      return [
        ...allowing(origin),
        ...credentials,
        ...listed(
          'access-control-allow-methods',
          cors.allowMethods,
          cors.allowCredentials ? wanted : undefined,
        ),
        ...listed(
          'access-control-allow-headers',
          cors.allowHeaders,
          cors.allowCredentials ? (valueOf(headers, 'access-control-request-headers') ?? '') : undefined,
        ),
        ...listed('access-control-expose-headers', cors.exposeHeaders),
        ...(cors.maxAgeSeconds === undefined ? [] : ['access-control-max-age', String(cors.maxAgeSeconds)]),
      ]
    },
    simple(headers) {
      const origin = valueOf(headers, 'origin')
      if (origin === undefined || !isAllowed(origin)) return undefined
      return [
        ...allowing(origin),
        ...credentials,
        ...listed('access-control-expose-headers', cors.exposeHeaders),
      ]
    },
  }
}

/** With credentials `*` is no wildcard to a browser, so what was asked for is echoed. */
function listed(name: string, values: readonly string[], echoed?: string): string[] {
  const text = values.includes('*') ? (echoed ?? '*') : values.join(', ')
  return text === '' ? [] : [name, text]
}

function compileOrigins(origins: readonly OriginMatch[]): (origin: string) => boolean {
  const matches = origins.map((origin) => {
    if (origin.kind === 'any') return () => true
    return origin.kind === 'wildcard' ? compileWildcard(origin.value) : compileText(origin)
  })
  return (origin) => matches.some((holds) => holds(origin))
}

/** `https://*.example.com` is any depth of names under it, and its port is part of it. */
function compileWildcard(pattern: string): (origin: string) => boolean {
  const star = pattern.indexOf('*')
  const [before, after] = [pattern.slice(0, star), pattern.slice(star + 1)]
  return (origin) => {
    const middle = origin.slice(before.length, origin.length - after.length)
    return origin.startsWith(before) && origin.endsWith(after) && /^[A-Za-z0-9._-]+$/.test(middle)
  }
}
