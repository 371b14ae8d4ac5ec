/** Which endpoint a client comes back to: by the hash of something it sends, or by a cookie or header of ours. */
import { randomUUID } from 'node:crypto'
import type { HashPolicy, SessionPersistence } from '../../model/index.ts'
import { hashText } from '../balance/hash.ts'
import type { LiveCluster } from '../cluster/cluster.ts'
import type { LiveEndpoint } from '../cluster/endpoint.ts'
import { cookieOf, valueOf } from '../headers/header-list.ts'
import { firstParameter } from '../match/predicates.ts'
import type { Exchange } from './exchange.ts'
import type { ForwardingPlan } from './forwarding.ts'

export interface Session {
  /** of what the hash policy of the cluster names */
  readonly hash: number | undefined
  /** the endpoint that the client was sent to before */
  readonly endpointOf: (cluster: LiveCluster) => LiveEndpoint | undefined
  /** tells the client, in the headers of the answer, what to come back with */
  readonly mark: (headers: string[], endpoint: LiveEndpoint | undefined) => void
}

const none: Session = { hash: undefined, endpointOf: () => undefined, mark: () => {} }

export function openSession(exchange: Exchange, { action, cluster }: ForwardingPlan): Session {
  const policy = cluster.config.loadBalancer?.hash
  const persistence = action.action.sessionPersistence
  if (policy === undefined && persistence === undefined) return none
  const hashed = policy && hashOf(exchange, policy)
  const token = persistence && tokenOf(exchange, persistence)
  return {
    hash: hashed?.hash,
    endpointOf: (live) => (token === undefined ? undefined : live.ofToken(token)),
    mark(headers, endpoint) {
      if (hashed?.setCookie !== undefined) headers.push('set-cookie', hashed.setCookie)
      if (persistence !== undefined && endpoint !== undefined && endpoint.token !== token) {
        headers.push(...persistenceHeader(persistence, endpoint.token))
      }
    },
  }
}

interface Hashed {
  readonly hash: number | undefined
  readonly setCookie?: string
}

function hashOf(exchange: Exchange, policy: HashPolicy): Hashed {
  const { view, client } = exchange
  switch (policy.kind) {
    case 'header':
      return hashOfText(valueOf(view.headers, policy.name.toLowerCase()))
    case 'query':
      return hashOfText(firstParameter(view.query, policy.name))
    case 'source-ip':
      return hashOfText(client)
    case 'cookie': {
      const value = cookieOf(view.headers, policy.name)
      if (value !== undefined || policy.ttlSeconds === undefined) return hashOfText(value)
      const fresh = randomUUID()
      return {
        ...hashOfText(fresh),
        setCookie: cookie(policy.name, fresh, { path: policy.path, maxAge: policy.ttlSeconds }),
      }
    }
  }
}

function hashOfText(text: string | undefined): Hashed {
  return { hash: text === undefined ? undefined : hashText(text) }
}

/** The token is of the endpoint; what follows a dot is when the session began and was used last, in seconds. */
function tokenOf({ view }: Exchange, { kind, name }: SessionPersistence): string | undefined {
  return kind === 'cookie' ? cookieOf(view.headers, name) : valueOf(view.headers, name.toLowerCase())
}

function persistenceHeader(persistence: SessionPersistence, token: string): string[] {
  const { kind, name, path, maxAgeSeconds } = persistence
  if (kind === 'header') return [name, token]
  return [
    'set-cookie',
    cookie(name, token, { path, maxAge: maxAgeSeconds === 0 ? undefined : maxAgeSeconds }),
  ]
}

function cookie(
  name: string,
  value: string,
  { path = '/', maxAge }: { path: string | undefined; maxAge: number | undefined },
): string {
  return `${name}=${value}; Path=${path}${maxAge === undefined || maxAge === 0 ? '' : `; Max-Age=${maxAge}`}; HttpOnly; SameSite=Lax`
}
