/** Programs that know who we are: `ExecCredential` of `client.authentication.k8s.io`. */
import { spawn } from 'node:child_process'
import { resolve } from 'node:path'
import { Failure, systemCode, type Waiting } from '../../base/index.ts'
import type { ClusterConnection, ExecPlugin } from './connection.ts'

export interface ExecCredential {
  readonly token?: string | undefined
  /** PEM */
  readonly certificate?: { readonly certificate: string; readonly key: string } | undefined
  /** milliseconds since 1970; nothing when it does not say */
  readonly expiresAt?: number | undefined
}

export interface ExecOptions extends Waiting {
  readonly env: Readonly<Record<string, string | undefined>>
  /** default 60,000 */
  readonly timeoutMs?: number
}

const versions = /^client\.authentication\.k8s\.io\/v1(?:beta1)?$/
const longestOutput = 1 << 20

/** @throws Failure CLUSTER_UNAUTHORIZED, KUBECONFIG_INVALID for a version that is not known */
export async function askExecPlugin(
  { entry, folder }: ExecPlugin,
  connection: Pick<ClusterConnection, 'server' | 'authorities' | 'isUnverified' | 'serverName' | 'from'>,
  options: ExecOptions,
): Promise<ExecCredential> {
  const { apiVersion, command } = entry
  if (!versions.test(apiVersion))
    throw new Failure(
      'KUBECONFIG_INVALID',
      `exec plugins of ${apiVersion} are not known (${connection.from})`,
      {
        hint: 'client.authentication.k8s.io/v1 and v1beta1 are',
      },
    )
  const request = {
    apiVersion,
    kind: 'ExecCredential',
    spec: {
      interactive: false,
      ...(entry.provideClusterInfo && {
        cluster: {
          server: connection.server,
          'tls-server-name': connection.serverName,
          'insecure-skip-tls-verify': connection.isUnverified,
          ...(connection.authorities && {
            'certificate-authority-data': Buffer.from(connection.authorities).toString('base64'),
          }),
        },
      }),
    },
  }
  const env = {
    ...options.env,
    ...Object.fromEntries((entry.env ?? []).map(({ name, value }) => [name, value])),
    KUBERNETES_EXEC_INFO: JSON.stringify(request),
  }
  const fail = (why: string, cause?: unknown) =>
    new Failure('CLUSTER_UNAUTHORIZED', `the exec plugin ${command} of ${connection.from} ${why}`, {
      hint: entry.installHint?.trim(),
      cause,
    })
  const program = command.includes('/') ? resolve(folder, command) : command
  const output = await run(program, entry.args ?? [], { ...options, env }).catch((error: unknown) => {
    options.signal?.throwIfAborted()
    if (systemCode(error) === 'ENOENT') throw fail('is not installed', error)
    throw fail((error as Error).message, error)
  })
  return parse(output, fail)
}

function parse(output: string, fail: (why: string) => Failure): ExecCredential {
  let status: Readonly<Record<string, unknown>> | undefined
  try {
    status = (JSON.parse(output) as { status?: Readonly<Record<string, unknown>> } | null)?.status
  } catch {
    throw fail('gave something that is not JSON')
  }
  const field = (name: string) => {
    const value = status?.[name]
    return typeof value === 'string' && value !== '' ? value : undefined
  }
  const [token, certificate, key, expiry] = [
    field('token'),
    field('clientCertificateData'),
    field('clientKeyData'),
    field('expirationTimestamp'),
  ]
  if (token === undefined && (certificate === undefined || key === undefined))
    throw fail('gave neither a token nor a certificate')
  const expiresAt = expiry === undefined ? undefined : Date.parse(expiry)
  return {
    token,
    certificate: certificate !== undefined && key !== undefined ? { certificate, key } : undefined,
    expiresAt: expiresAt !== undefined && Number.isNaN(expiresAt) ? undefined : expiresAt,
  }
}

/** What it says to people goes to our own standard error, as it may ask to log in. */
async function run(
  program: string,
  args: readonly string[],
  { env, signal, timeoutMs = 60_000 }: ExecOptions,
): Promise<string> {
  const limit = AbortSignal.timeout(timeoutMs)
  const child = spawn(program, args, {
    env: { ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
    signal: signal ? AbortSignal.any([signal, limit]) : limit,
    killSignal: 'SIGKILL',
  })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    if (output.length < longestOutput) output += text
  })
  return new Promise((done, reject) => {
    child.once('error', (error) =>
      reject(limit.aborted ? new Error(`gave no answer within ${timeoutMs / 1000} s`) : error),
    )
    child.once('close', (status) =>
      status === 0 ? done(output) : reject(new Error(`ended with ${status ?? 'a signal'}`)),
    )
  })
}
