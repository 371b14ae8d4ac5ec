/** Finds the cluster to talk to: the kubeconfig that is named, those of KUBECONFIG, the one at home, or the pod's own. */
import { readFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { Failure, systemCode } from '../../base/index.ts'
import type { ClusterConnection } from './connection.ts'
import { mergeKubeconfigs, parseKubeconfig, type Kubeconfig } from './kubeconfig.ts'
import { resolveContext } from './resolve-context.ts'

export interface ConnectionChoice {
  readonly kubeconfig?: string | undefined
  readonly context?: string | undefined
  readonly env: Readonly<Record<string, string | undefined>>
  /** folder of the pod's account; default: where Kubernetes mounts it */
  readonly accountFolder?: string
}

const mountedAccount = '/var/run/secrets/kubernetes.io/serviceaccount'

/**
 * In this order, as kubectl has it: `kubeconfig`, the files of KUBECONFIG, `~/.kube/config`, the account of the pod.
 * @throws Failure KUBECONFIG_INVALID
 */
export async function loadConnection(choice: ConnectionChoice): Promise<ClusterConnection> {
  const { kubeconfig, env } = choice
  const named = kubeconfig === undefined ? filesOf(env['KUBECONFIG']) : [kubeconfig]
  const files = named.length > 0 ? named : [join(env['HOME'] ?? '/', '.kube', 'config')]
  const isRequired = kubeconfig !== undefined
  const configs = (await Promise.all(files.map((file) => read(file, isRequired)))).filter(
    (config) => config !== undefined,
  )
  if (configs.length > 0)
    return resolveContext(mergeKubeconfigs(configs), { context: choice.context, from: files.join(', ') })
  const inPod = await loadPodConnection(choice)
  if (inPod) return inPod
  throw new Failure('KUBECONFIG_INVALID', `there is no kubeconfig: ${files.join(', ')} is not there`, {
    hint: 'name one with --kubeconfig or KUBECONFIG',
  })
}

function filesOf(variable: string | undefined): string[] {
  return [...new Set((variable ?? '').split(delimiter).filter((file) => file !== ''))]
}

async function read(file: string, isRequired: boolean): Promise<Kubeconfig | undefined> {
  try {
    return parseKubeconfig(await readFile(file, 'utf8'), file)
  } catch (error) {
    if (error instanceof Failure) throw error
    // Of several files of KUBECONFIG those that are not there are no error.
    if (!isRequired && systemCode(error) === 'ENOENT') return undefined
    const why = systemCode(error) === 'ENOENT' ? 'there is no such file' : (error as Error).message
    throw new Failure('KUBECONFIG_INVALID', `the kubeconfig ${file} cannot be read: ${why}`, { cause: error })
  }
}

async function loadPodConnection({
  env,
  accountFolder,
}: ConnectionChoice): Promise<ClusterConnection | undefined> {
  const [host, port] = [env['KUBERNETES_SERVICE_HOST'], env['KUBERNETES_SERVICE_PORT']]
  if (!host || !port) return undefined
  const folder = accountFolder ?? mountedAccount
  const part = (name: string) => readFile(join(folder, name), 'utf8').catch(() => undefined)
  const [token, authorities, namespace] = await Promise.all([
    part('token'),
    part('ca.crt'),
    part('namespace'),
  ])
  if (token === undefined) return undefined
  return {
    server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
    authorities,
    isUnverified: false,
    serverName: undefined,
    proxyUrl: undefined,
    namespace: namespace?.trim() || 'default',
    identity: { tokenFile: join(folder, 'token') },
    from: `the account of this pod in ${folder}`,
  }
}
