/** The credentials that go with requests: kept while they are good, asked for anew when they are not. */
import { readFile } from 'node:fs/promises'
import { Failure, type Waiting } from '../../base/index.ts'
import type { Clock } from '../../http/index.ts'
import type { ClusterConnection } from '../config/connection.ts'
import { askExecPlugin, type ExecCredential } from '../config/exec-credential.ts'

export interface Credential {
  readonly headers: Readonly<Record<string, string>>
  /** shown when the server asks for one; the same object as long as it is the same */
  readonly certificate: { readonly certificate: string; readonly key: string } | undefined
}

export interface Authorization {
  readonly current: (options: Waiting) => Promise<Credential>
  /** The server did not take it. Whether there may be a better one. */
  readonly refused: () => boolean
}

/** Tokens of pods are renewed long before they expire. */
const tokenFileAgeMs = 60_000
/** A credential of a plugin is renewed so long before it expires. */
const earlyMs = 10_000

export function newAuthorization(
  connection: ClusterConnection,
  { env, clock }: { readonly env: Readonly<Record<string, string | undefined>>; readonly clock: Clock },
): Authorization {
  const { identity } = connection
  let file: { readonly token: string; readonly readAt: number } | undefined
  let plugin: ExecCredential | undefined

  async function tokenOf(path: string): Promise<string> {
    if (file && clock.now() - file.readAt < tokenFileAgeMs) return file.token
    const token = await readFile(path, 'utf8').catch((cause: unknown) => {
      throw new Failure('CLUSTER_UNAUTHORIZED', `the token in ${path} cannot be read`, { cause })
    })
    file = { token: token.trim(), readAt: clock.now() }
    return file.token
  }

  async function ofPlugin(options: Waiting): Promise<ExecCredential> {
    const isGood = plugin && (plugin.expiresAt === undefined || plugin.expiresAt - earlyMs > clock.now())
    if (!plugin || !isGood) plugin = await askExecPlugin(identity.exec!, connection, { ...options, env })
    return plugin
  }

  const impersonation = impersonationHeaders(connection)
  return {
    async current(options) {
      const { certificate, basic } = identity
      const plain = identity.token ?? (identity.tokenFile && (await tokenOf(identity.tokenFile)))
      if (plain !== undefined) return { headers: { ...impersonation, ...bearer(plain) }, certificate }
      if (basic) {
        const pair = Buffer.from(`${basic.username}:${basic.password}`).toString('base64')
        return { headers: { ...impersonation, authorization: `Basic ${pair}` }, certificate }
      }
      if (!identity.exec || certificate) return { headers: impersonation, certificate }
      const given = await ofPlugin(options)
      const headers = { ...impersonation, ...(given.token !== undefined && bearer(given.token)) }
      return { headers, certificate: given.certificate }
    },
    refused() {
      const hadOne = plugin !== undefined || file !== undefined
      plugin = undefined
      file = undefined
      return hadOne
    },
  }
}

function bearer(token: string): { readonly authorization: string } {
  return { authorization: `Bearer ${token}` }
}

/** Several groups are one header each; joined, Node.js sends them as one, so there is at most one here. */
function impersonationHeaders({ identity, from }: ClusterConnection): Readonly<Record<string, string>> {
  const { impersonate } = identity
  if (!impersonate) return {}
  const [group, ...others] = impersonate.groups ?? []
  if (others.length > 0)
    throw new Failure('KUBECONFIG_INVALID', `${from} impersonates several groups, and one is all we can do`)
  return {
    'impersonate-user': impersonate.user,
    ...(group !== undefined && { 'impersonate-group': group }),
  }
}
