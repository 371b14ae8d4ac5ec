/**
 * Credentials as `docker login` leaves them: config.json with `auths`, `credHelpers` and `credsStore`
 * (docker CLI reference, "Credential stores").
 */
import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { Failure, fileFailure, systemCode, type Waiting } from '../base/index.ts'
import { askCredentialHelper } from './credential-helper.ts'
import type { Credentials, CredentialSource } from './credentials.ts'

export interface DockerConfigOptions extends Waiting {
  /** path of config.json; default: `$DOCKER_CONFIG/config.json`, else `~/.docker/config.json` */
  readonly path?: string | undefined
  /** DOCKER_CONFIG and HOME are read from it, and helpers run with it; default: empty */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined
  /** limit for one run of a helper, default 15,000 ms */
  readonly helperTimeoutMs?: number | undefined
}

interface DockerConfig {
  readonly auths: ReadonlyMap<string, unknown>
  readonly credHelpers: ReadonlyMap<string, unknown>
  readonly credsStore: unknown
}

const dockerHubKey = 'https://index.docker.io/v1/'

/**
 * Reads the file when the first host is asked for, once. No file means no credentials.
 * A helper of the host goes first, then the store of all hosts, then `auths`.
 * @throws Failure REGISTRY_UNAUTHORIZED when the file or a helper's answer cannot be understood, FILE_SYSTEM
 */
export function dockerConfigCredentials(options: DockerConfigOptions = {}): CredentialSource {
  const { env = {}, helperTimeoutMs = 15_000, signal } = options
  const path =
    options.path ?? join(env['DOCKER_CONFIG'] || join(env['HOME'] || homedir(), '.docker'), 'config.json')
  let reading: Promise<DockerConfig> | undefined
  return async (host) => {
    const config = await (reading ??= readConfig(path))
    const key = hostOfKey(host)
    const helper = config.credHelpers.get(key) ?? config.credsStore
    if (typeof helper === 'string' && helper !== '') {
      const server = key === 'docker.io' ? dockerHubKey : host
      const found = await askCredentialHelper(helper, {
        host,
        server,
        env,
        timeoutMs: helperTimeoutMs,
        signal,
      })
      if (found) return found
    }
    return parseEntry(config.auths.get(key), host, path)
  }
}

async function readConfig(path: string): Promise<DockerConfig> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw fileFailure('read', path, error)
    text = '{}'
  }
  let document: unknown
  try {
    document = JSON.parse(text)
  } catch (error) {
    throw unreadable(path, 'it is not JSON', error)
  }
  const fields = recordOf(document)
  return {
    auths: byHost(fields['auths']),
    credHelpers: byHost(fields['credHelpers']),
    credsStore: fields['credsStore'],
  }
}

/** Entries by host; an exact key wins over one with a scheme or a path. */
function byHost(value: unknown): Map<string, unknown> {
  const entries = Object.entries(recordOf(value))
  const loose = entries
    .filter(([key]) => hostOfKey(key) !== key)
    .map(([key, entry]) => [hostOfKey(key), entry] as const)
  return new Map([...loose, ...entries.filter(([key]) => hostOfKey(key) === key)])
}

/** `https://index.docker.io/v1/` and its other names are `docker.io`; `https://ghcr.io/v2/` is `ghcr.io`. */
function hostOfKey(key: string): string {
  const host = key.replace(/^https?:\/\//, '').split('/', 1)[0]!
  return host === 'index.docker.io' || host === 'registry-1.docker.io' ? 'docker.io' : host
}

function parseEntry(entry: unknown, host: string, path: string): Credentials | undefined {
  const { auth, identitytoken, username, password } = recordOf(entry)
  if (typeof identitytoken === 'string' && identitytoken !== '') return { identityToken: identitytoken }
  if (typeof auth === 'string' && auth !== '') {
    const text = Buffer.from(auth, 'base64').toString('utf8')
    const colon = text.indexOf(':')
    if (colon < 1) throw unreadable(path, `the auth entry of ${host} is not the base64 of user:password`)
    // Old versions of docker padded with zero bytes.
    return { username: text.slice(0, colon), password: text.slice(colon + 1).replace(/\0+$/, '') }
  }
  if (typeof username === 'string' && typeof password === 'string' && username !== '')
    return { username, password }
  return undefined
}

function unreadable(path: string, why: string, cause?: unknown): Failure {
  return new Failure('REGISTRY_UNAUTHORIZED', `cannot take credentials from ${path}: ${why}`, {
    hint: 'correct the file, or log in again: docker login',
    cause,
  })
}

function recordOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {}
}
