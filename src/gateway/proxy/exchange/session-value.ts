/** What a client keeps of its session: `TOKEN.BEGAN.USED`, times in seconds, base 36. Pure. */
import type { SessionPersistence } from '../../model/index.ts'

export interface SessionValue {
  /** of the endpoint */
  readonly token: string
  /** seconds since 1970 */
  readonly began: number
  readonly used: number
}

const form = /^([\w-]{22})\.([0-9a-z]{1,9})\.([0-9a-z]{1,9})$/

export function newSession(token: string, now: number): SessionValue {
  return { token, began: now, used: now }
}

/** Nothing when it is none of ours, or over. */
export function readSession(
  text: string,
  { maxAgeSeconds, idleSeconds }: SessionPersistence,
  now: number,
): SessionValue | undefined {
  const [, token, began, used] = form.exec(text) ?? []
  if (token === undefined || began === undefined || used === undefined) return undefined
  const session = { token, began: Number.parseInt(began, 36), used: Number.parseInt(used, 36) }
  if (maxAgeSeconds !== undefined && now - session.began > maxAgeSeconds) return undefined
  if (idleSeconds !== undefined && now - session.used > idleSeconds) return undefined
  return session
}

/** The header of the answer that tells it. */
export function writeSession(
  { token, began, used }: SessionValue,
  persistence: SessionPersistence,
  now: number,
): string[] {
  const { kind, name, path = '/', maxAgeSeconds, idleSeconds } = persistence
  const value = `${token}.${began.toString(36)}.${used.toString(36)}`
  if (kind === 'header') return [name, value]
  const left = maxAgeSeconds === undefined ? undefined : Math.max(0, began + maxAgeSeconds - now)
  // Without a lifetime of its own it is a cookie of the browser's session, however long that is idle.
  const age = left === undefined ? undefined : Math.min(left, idleSeconds ?? left)
  return [
    'set-cookie',
    `${name}=${value}; Path=${path}${age === undefined ? '' : `; Max-Age=${age}`}; HttpOnly; SameSite=Lax`,
  ]
}
