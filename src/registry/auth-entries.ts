/** What a file of logins says: `auths`, `credHelpers` and `credsStore`, and which of it concerns a repository. Pure. */
import { Failure } from '../base/index.ts'
import type { Credentials } from './credentials.ts'

export interface AuthEntries {
  /** the file as it is, to be written back with what it has besides logins */
  readonly document: Readonly<Record<string, unknown>>
  readonly auths: Readonly<Record<string, unknown>>
  readonly credHelpers: Readonly<Record<string, unknown>>
  readonly credsStore: string | undefined
}

export const dockerHubKey = 'https://index.docker.io/v1/'

/** @throws Failure REGISTRY_UNAUTHORIZED when it is no JSON object */
export function parseAuthFile(text: string, path: string): AuthEntries {
  let document: unknown
  try {
    document = JSON.parse(text)
  } catch (error) {
    throw unreadable(path, 'it is not JSON', error)
  }
  if (!isRecord(document)) throw unreadable(path, 'it is not a JSON object')
  const store = document['credsStore']
  return {
    document,
    auths: recordOf(document['auths']),
    credHelpers: recordOf(document['credHelpers']),
    credsStore: typeof store === 'string' && store !== '' ? store : undefined,
  }
}

/** The helper that keeps the login of a host: its own, else the one for all hosts. */
export function helperOf(entries: AuthEntries, host: string): string | undefined {
  const own = Object.entries(entries.credHelpers).find(([key]) => hostOfKey(key) === host)?.[1]
  return typeof own === 'string' && own !== '' ? own : entries.credsStore
}

/** Key of the entry for a part of a registry: `quay.io/team/app`, else `quay.io/team`; nothing for none. */
export function scopedKey(entries: AuthEntries, host: string, repository: string): string | undefined {
  const parts = repository.split('/').filter((part) => part !== '')
  for (let count = parts.length; count > 0; count--) {
    const key = [host, ...parts.slice(0, count)].join('/')
    if (Object.hasOwn(entries.auths, key) && isFilled(entries.auths[key])) return key
  }
  return undefined
}

/** Key of the entry for all of a registry: its host as it is, else one of the addresses docker has written for it. */
export function hostKey(entries: AuthEntries, host: string): string | undefined {
  if (Object.hasOwn(entries.auths, host) && isFilled(entries.auths[host])) return host
  return Object.keys(entries.auths).find((key) => hostOfKey(key) === host && isFilled(entries.auths[key]))
}

/** All keys that stand for all of a registry, also of entries that hold nothing. */
export function hostKeys(record: Readonly<Record<string, unknown>>, host: string): string[] {
  return Object.keys(record).filter((key) => hostOfKey(key) === host)
}

/**
 * The host that a key stands for: `https://index.docker.io/v1/` and its other names are `docker.io`,
 * `https://ghcr.io/v2/` is `ghcr.io`; nothing for a part of a registry such as `quay.io/team`.
 */
export function hostOfKey(key: string): string | undefined {
  const address = key.replace(/^https?:\/\//, '')
  const [host = '', ...path] = address.split('/')
  const isApi = /^(?:v[12])?$/.test(path.join('/').replace(/\/$/, ''))
  if (address === key && !isApi) return undefined
  return host === 'index.docker.io' || host === 'registry-1.docker.io' ? 'docker.io' : host
}

/** @throws Failure REGISTRY_UNAUTHORIZED when its `auth` is not what it should be */
export function credentialsOf(entry: unknown, key: string, path: string): Credentials | undefined {
  const { auth, identitytoken, registrytoken, username, password } = recordOf(entry)
  const from = path
  if (isText(identitytoken)) return { identityToken: identitytoken, from }
  if (isText(registrytoken)) return { registryToken: registrytoken, from }
  if (isText(auth)) {
    const text = Buffer.from(auth, 'base64').toString('utf8')
    const colon = text.indexOf(':')
    if (colon < 1) throw unreadable(path, `the auth entry of ${key} is not the base64 of user:password`)
    // Old versions of docker padded with zero bytes.
    return { username: text.slice(0, colon), password: text.slice(colon + 1).replace(/\0+$/, ''), from }
  }
  if (isText(username) && typeof password === 'string') return { username, password, from }
  return undefined
}

/** docker leaves `{}` for hosts whose login a helper keeps. */
function isFilled(entry: unknown): boolean {
  return Object.values(recordOf(entry)).some(isText)
}

function unreadable(path: string, why: string, cause?: unknown): Failure {
  return new Failure('REGISTRY_UNAUTHORIZED', `cannot take credentials from ${path}: ${why}`, {
    hint: 'correct the file, or remove it and log in again: slipway login HOST',
    cause,
  })
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

function recordOf(value: unknown): Record<string, unknown> {
  return isRecord(value) ? value : {}
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
