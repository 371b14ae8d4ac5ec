/** The door of a registry in memory: basic authentication, or bearer tokens of a server on the same port. */
import type { IncomingMessage } from 'node:http'
import { json, problem, type Answer } from './answer.ts'
import type { Dialect } from './dialect.ts'
import type { Purpose } from './faults.ts'

export interface AuthOptions {
  readonly scheme: 'basic' | 'bearer'
  readonly username?: string
  readonly password?: string
  /** what becomes of scopes with `push`, default granted; a stripped one is left out whole */
  readonly pushScope?: 'granted' | 'refused' | 'stripped'
}

export interface Door {
  /** an answer of the token server */
  readonly token: (request: IncomingMessage, url: URL, body: Buffer) => Answer
  /** the 401 for a request that may not pass */
  readonly refusal: (request: IncomingMessage, purpose: Purpose, url: URL) => Answer | undefined
  /** no token given out so far is good any more */
  readonly expireTokens: () => void
}

export function newDoor(auth: AuthOptions | undefined, dialect: Dialect, host: () => string): Door {
  const tokens = new Map<string, readonly string[]>()
  let issued = 0
  const basic = () => `Basic ${Buffer.from(`${auth?.username}:${auth?.password}`).toString('base64')}`
  const isSealed = (scope: string) => scope.startsWith('repository:sealed/')

  const allows = (sent: string, needed: readonly Needed[]) => {
    if (auth?.scheme === 'basic') return sent === basic()
    const scopes = tokens.get(sent.replace('Bearer ', '')) ?? []
    return needed.every(({ repository, isWrite }) =>
      scopes.some(
        (scope) => scope.startsWith(`repository:${repository}:`) && (!isWrite || scope.includes('push')),
      ),
    )
  }

  return {
    expireTokens: () => tokens.clear(),
    token(request, url, body) {
      if (auth?.username !== undefined && request.headers.authorization !== basic()) {
        return problem(401, 'UNAUTHORIZED', 'wrong password')
      }
      const form = new URLSearchParams(body.toString())
      const scopes = [...url.searchParams.getAll('scope'), ...(form.get('scope') ?? '').split(' ')]
      if (dialect.sealedScope === 'refused' && scopes.some(isSealed)) {
        return problem(401, 'DENIED', 'requested access to the resource is denied')
      }
      const isPush = (scope: string) => /[:,]push(?:,|$)/.test(scope)
      if (auth?.pushScope === 'refused' && scopes.some(isPush)) {
        return problem(403, 'DENIED', 'you may not push')
      }
      const name = `token-${++issued}`
      tokens.set(
        name,
        scopes.filter(
          (scope) =>
            !(dialect.sealedScope === 'stripped' && isSealed(scope)) &&
            !(auth?.pushScope === 'stripped' && isPush(scope)),
        ),
      )
      return json(200, { token: name, expires_in: 300 })
    },
    refusal(request, purpose, url) {
      if (!auth) return undefined
      const needed = neededBy(purpose, url)
      if (allows(request.headers.authorization ?? '', needed)) return undefined
      const answer = problem(401, 'UNAUTHORIZED', 'authentication required')
      const scope = needed
        .map(({ repository, isWrite }) => `repository:${repository}:${isWrite ? 'pull,push' : 'pull'}`)
        .join(' ')
      answer.headers['www-authenticate'] =
        auth.scheme === 'basic'
          ? 'Basic realm="test"'
          : `Bearer realm="http://${host()}/token",service="test",scope="${scope}"`
      return answer
    },
  }
}

interface Needed {
  readonly repository: string
  readonly isWrite: boolean
}

function neededBy(purpose: Purpose, url: URL): Needed[] {
  const repository = /^\/v2\/(.*)\/(blobs|manifests)\//.exec(url.pathname)?.[1] ?? ''
  const target = { repository, isWrite: /PUT|POST|PATCH|upload|mount/.test(purpose) }
  const from = url.searchParams.get('from')
  return purpose === 'mount' && from !== null ? [target, { repository: from, isWrite: false }] : [target]
}
