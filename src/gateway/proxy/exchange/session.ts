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
import { newSession, readSession, writeSession } from './session-value.ts'

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
  const kept = persistence && openPersistence(exchange, persistence)
  return {
    hash: hashed?.hash,
    endpointOf: (live) => kept?.endpointOf(live),
    mark(headers, endpoint) {
      if (hashed?.setCookie !== undefined) headers.push('set-cookie', hashed.setCookie)
      if (endpoint !== undefined) kept?.mark(headers, endpoint)
    },
  }
}

function openPersistence({ view }: Exchange, persistence: SessionPersistence) {
  const { kind, name, idleSeconds } = persistence
  const value = kind === 'cookie' ? cookieOf(view.headers, name) : valueOf(view.headers, name.toLowerCase())
  const now = Math.floor(Date.now() / 1000)
  const before = value === undefined ? undefined : readSession(value, persistence, now)
  return {
    endpointOf: (live: LiveCluster) => (before === undefined ? undefined : live.ofToken(before.token)),
    mark(headers: string[], endpoint: LiveEndpoint) {
      const isSame = before?.token === endpoint.token
      // A session that ends when it is idle is told anew with every answer.
      if (isSame && idleSeconds === undefined) return
      const session = isSame && before ? { ...before, used: now } : newSession(endpoint.token, now)
      headers.push(...writeSession(session, persistence, now))
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
      const lifetime = policy.ttlSeconds === 0 ? '' : `; Max-Age=${policy.ttlSeconds}`
      return {
        ...hashOfText(fresh),
        setCookie: `${policy.name}=${fresh}; Path=${policy.path ?? '/'}${lifetime}; HttpOnly`,
      }
    }
  }
}

function hashOfText(text: string | undefined): Hashed {
  return { hash: text === undefined ? undefined : hashText(text) }
}
