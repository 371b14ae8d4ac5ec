/** One context of a kubeconfig as a connection: files it names are read, what it lacks is told. */
import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { Failure, fileFailure, nearest } from '../../base/index.ts'
import type { ClusterConnection, Identity } from './connection.ts'
import type { ClusterEntry, Entry, Kubeconfig, UserEntry } from './kubeconfig.ts'

export interface ContextChoice {
  /** default: the current one */
  readonly context?: string | undefined
  /** files it was read from, for messages */
  readonly from: string
}

/** @throws Failure KUBECONFIG_INVALID */
export async function resolveContext(config: Kubeconfig, choice: ContextChoice): Promise<ClusterConnection> {
  const name = choice.context ?? config.currentContext
  if (name === undefined)
    throw new Failure('KUBECONFIG_INVALID', `${choice.from} has no current context`, {
      hint:
        config.contexts.size > 0
          ? `pick one with --context: ${[...config.contexts.keys()].join(', ')}`
          : 'name a kubeconfig with --kubeconfig or KUBECONFIG',
    })
  const context = pick(config.contexts, name, { what: 'context', from: choice.from })
  const cluster = pick(config.clusters, context.value.cluster, {
    what: 'cluster',
    from: `context "${name}" of ${context.file}`,
  })
  const user =
    context.value.user === undefined
      ? undefined
      : pick(config.users, context.value.user, { what: 'user', from: `context "${name}" of ${context.file}` })
  return {
    ...(await resolveCluster(cluster)),
    namespace: context.value.namespace || 'default',
    identity: user ? await resolveUser(user) : {},
    from: `context "${name}" of ${context.file}`,
  }
}

function pick<T>(
  entries: ReadonlyMap<string, T>,
  name: string,
  { what, from }: Record<'what' | 'from', string>,
): T {
  const found = entries.get(name)
  if (found) return found
  const near = nearest(name, entries.keys())
  const known = [...entries.keys()].join(', ')
  throw new Failure('KUBECONFIG_INVALID', `there is no ${what} "${name}", which ${from} asks for`, {
    hint: near ? `did you mean "${near}"?` : known === '' ? undefined : `there is ${known}`,
  })
}

async function resolveCluster(
  entry: Entry<ClusterEntry>,
): Promise<Omit<ClusterConnection, 'namespace' | 'identity' | 'from'>> {
  const { value } = entry
  if (!URL.canParse(value.server) || !/^https?:$/.test(new URL(value.server).protocol))
    throw new Failure('KUBECONFIG_INVALID', `"${value.server}" is not the address of a server`, {
      at: entry.placeOf('server'),
      hint: 'write it as https://HOST:PORT',
    })
  return {
    server: value.server.replace(/\/+$/, ''),
    authorities: await dataOrFile(entry, 'certificate-authority'),
    isUnverified: value['insecure-skip-tls-verify'] ?? false,
    serverName: value['tls-server-name'] || undefined,
    proxyUrl: value['proxy-url'] || undefined,
  }
}

async function resolveUser(entry: Entry<UserEntry>): Promise<Identity> {
  const { value, file } = entry
  if (value['auth-provider'] !== undefined)
    throw new Failure('KUBECONFIG_INVALID', 'auth-provider was removed from Kubernetes clients in 1.26', {
      at: entry.placeOf('auth-provider'),
      hint: 'use an exec plugin instead',
    })
  const certificate = await dataOrFile(entry, 'client-certificate')
  const key = await dataOrFile(entry, 'client-key')
  if ((certificate === undefined) !== (key === undefined))
    throw new Failure('KUBECONFIG_INVALID', 'a client certificate and its key must both be there', {
      at: entry.placeOf(certificate === undefined ? 'client-key' : 'client-certificate'),
    })
  return {
    certificate: certificate !== undefined && key !== undefined ? { certificate, key } : undefined,
    token: value.token || undefined,
    tokenFile: value.tokenFile ? resolve(dirname(file), value.tokenFile) : undefined,
    basic: value.username ? { username: value.username, password: value.password ?? '' } : undefined,
    exec: value.exec && { entry: value.exec, folder: dirname(file) },
    impersonate: value.as ? { user: value.as, groups: value['as-groups'] ?? [] } : undefined,
  }
}

/** `NAME-data` in base64 counts before the file `NAME`. */
async function dataOrFile(
  entry: Entry<ClusterEntry> | Entry<UserEntry>,
  name: 'certificate-authority' | 'client-certificate' | 'client-key',
): Promise<string | undefined> {
  const fields = entry.value as Readonly<Record<string, unknown>>
  const [data, file] = [fields[`${name}-data`], fields[name]]
  if (typeof data === 'string' && data !== '') {
    const text = Buffer.from(data, 'base64').toString()
    if (text.includes('-----BEGIN ')) return text
    throw new Failure('KUBECONFIG_INVALID', `${name}-data is not PEM in base64`, {
      at: entry.placeOf(`${name}-data`),
    })
  }
  if (typeof file !== 'string' || file === '') return undefined
  const path = resolve(dirname(entry.file), file)
  return readFile(path, 'utf8').catch((cause: unknown) => {
    const { message } = fileFailure('read', path, cause) as Error
    throw new Failure('KUBECONFIG_INVALID', message, {
      at: entry.placeOf(name),
      cause,
    })
  })
}
