/**
 * A control plane of Kubernetes on loopback: etcd, kube-apiserver and kube-controller-manager, real ones, with a kubelet
 * that is none: see `startKubelet`. Started once per file of tests; each test takes a namespace of its own.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { loadConnection, openKubeClient, type KubeClient } from '../../../src/kube/index.ts'
import { newAuthority, skipWithoutOpenssl, type CertificateFiles } from '../certificates.ts'
import { freePort } from '../free-port.ts'
import { etcd, findGoPrograms, kubernetes } from '../go-programs.ts'
import { answersHttp, startProgram, type RunningProgram } from '../program.ts'
import { requirePart } from '../require-part.ts'
import { temporaryFolder, type TemporaryFolder } from '../temporary-folder.ts'
import { startKubelet, type KubeletOptions } from './kubelet.ts'

export interface ControlPlane extends AsyncDisposable {
  /** `https://127.0.0.1:port` */
  readonly server: string
  readonly folder: TemporaryFolder
  /** of the API server; what it signs is trusted by the kubeconfigs */
  readonly certificate: CertificateFiles
  /** path of the kubeconfig of this user; `admin` may do everything, the others nothing */
  readonly kubeconfig: (user?: string, options?: KubeconfigOptions) => Promise<string>
  /** as `admin` */
  readonly client: KubeClient
  /** a new, empty namespace */
  readonly newNamespace: () => Promise<string>
  /** what was written since the log was last read: everything but reads, of users and not of controllers */
  readonly writes: () => Promise<readonly AuditedWrite[]>
  /** SIGKILL to the API server */
  readonly kill: () => Promise<void>
  /** starts it again after `kill`; resolves when it is ready */
  readonly restart: () => Promise<void>
  readonly stop: () => Promise<void>
}

export interface KubeconfigOptions {
  /** of the current context; default `default` */
  readonly namespace?: string
  /** something else to talk to, such as a proxy of faults; default: the server itself */
  readonly server?: string
}

export interface AuditedWrite {
  readonly user: string
  readonly verb: string
  /** plural */
  readonly resource: string
  readonly namespace: string
  readonly name: string
  readonly status: number
  readonly isDryRun: boolean
}

export interface ControlPlaneOptions {
  /** default: pods become ready at once */
  readonly kubelet?: KubeletOptions
}

/** For the `skip` option of a suite. `npm run test:setup` builds the programs. */
export async function skipWithoutControlPlane(): Promise<string | false> {
  const found = await Promise.all([etcd, kubernetes].map(findGoPrograms))
  return requirePart('kube-apiserver (with Go)', !found.includes(undefined)) || skipWithoutOpenssl()
}

/** Users with tokens of their own names. */
const users = ['admin', 'installer', 'viewer', 'controller-manager', 'kubelet']

export async function startControlPlane(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  const folder = await temporaryFolder()
  const running: { stop: () => unknown }[] = []
  const stop = async () => {
    for (const part of running.toReversed()) await part.stop()
    await folder.remove()
  }
  try {
    const [store, programs] = (await Promise.all([etcd, kubernetes].map(findGoPrograms))) as [string, string]
    const authority = await newAuthority(folder.path)
    const certificate = await authority.sign('apiserver')
    const [etcdPort, peerPort, port] = [await freePort(), await freePort(), await freePort()]
    running.push(await startEtcd(store, folder, [etcdPort, peerPort]))
    await writeFile(folder.join('tokens.csv'), users.map((user) => tokenLine(user)).join(''))
    await writeFile(folder.join('audit.yaml'), JSON.stringify(auditPolicy))
    const server = `https://127.0.0.1:${port}`
    const startServer = () =>
      startApiServer(join(programs, 'kube-apiserver'), { folder, certificate, etcdPort, port })
    const kubeconfig: ControlPlane['kubeconfig'] = async (user = 'admin', choice = {}) => {
      const path = folder.join(`kubeconfig-${user}-${++configs}`)
      const text = kubeconfigOf({ server, authority: authority.certificate, user, ...choice })
      await writeFile(path, JSON.stringify(text))
      return path
    }
    let configs = 0
    let apiServer = await startServer()
    running.push({ stop: () => apiServer.stop() })
    const clientOf = async (user: string) => {
      const connection = await loadConnection({ kubeconfig: await kubeconfig(user), env: {} })
      const opened = openKubeClient(connection, { env: {}, userAgent: 'slipway-test' })
      running.push({ stop: opened.close })
      return opened
    }
    const client = await clientOf('admin')
    running.push(
      await startProgram(
        join(programs, 'kube-controller-manager'),
        managerFlags(await kubeconfig('controller-manager'), folder),
        { isReady: async () => true },
      ),
    )
    running.push(startKubelet(await clientOf('kubelet'), options.kubelet))
    let namespaces = 0
    let seen = 0
    return {
      server,
      folder,
      certificate,
      kubeconfig,
      client,
      async newNamespace() {
        const name = `test-${++namespaces}`
        await client.apply(
          { apiVersion: 'v1', kind: 'Namespace', metadata: { name } },
          { fieldManager: 'test' },
        )
        return name
      },
      async writes() {
        const lines = (await readFile(folder.join('audit.log'), 'utf8')).split('\n').slice(0, -1)
        const fresh = lines.slice(seen)
        seen = lines.length
        return fresh.map(readAudited).filter(({ user }) => !user.startsWith('system:') && user !== 'kubelet')
      },
      async kill() {
        process.kill(apiServer.pid, 'SIGKILL')
        await apiServer.ended
      },
      async restart() {
        apiServer = await startServer()
      },
      stop,
      [Symbol.asyncDispose]: stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

function tokenLine(user: string): string {
  const isMighty = user !== 'installer' && user !== 'viewer'
  const name = user === 'controller-manager' ? 'system:kube-controller-manager' : user
  return `${user}-token,${name},${user}${isMighty ? ',system:masters' : ''}\n`
}

async function startEtcd(
  programs: string,
  folder: TemporaryFolder,
  [port, peerPort]: readonly [number, number],
): Promise<RunningProgram> {
  const url = `http://127.0.0.1:${port}`
  const peer = `http://127.0.0.1:${peerPort}`
  return startProgram(
    join(programs, 'server'),
    [
      `--data-dir=${folder.join('etcd')}`,
      `--listen-client-urls=${url}`,
      `--advertise-client-urls=${url}`,
      `--listen-peer-urls=${peer}`,
      `--initial-advertise-peer-urls=${peer}`,
      `--initial-cluster=default=${peer}`,
      '--unsafe-no-fsync',
      '--log-level=error',
    ],
    { isReady: () => answersHttp(`${url}/health`) },
  )
}

interface ApiServerOptions {
  readonly folder: TemporaryFolder
  readonly certificate: CertificateFiles
  readonly etcdPort: number
  readonly port: number
}

async function startApiServer(
  program: string,
  { folder, certificate, etcdPort, port }: ApiServerOptions,
): Promise<RunningProgram> {
  return startProgram(
    program,
    [
      `--etcd-servers=http://127.0.0.1:${etcdPort}`,
      '--bind-address=127.0.0.1',
      `--secure-port=${port}`,
      `--tls-cert-file=${certificate.certificate}`,
      `--tls-private-key-file=${certificate.key}`,
      `--cert-dir=${folder.join('certs')}`,
      `--token-auth-file=${folder.join('tokens.csv')}`,
      '--authorization-mode=RBAC',
      '--service-cluster-ip-range=10.96.0.0/16',
      '--service-account-issuer=https://slipway.test',
      `--service-account-key-file=${certificate.certificate}`,
      `--service-account-signing-key-file=${certificate.key}`,
      '--endpoint-reconciler-type=none',
      '--enable-priority-and-fairness=false',
      '--profiling=false',
      `--audit-policy-file=${folder.join('audit.yaml')}`,
      `--audit-log-path=${folder.join('audit.log')}`,
      '--audit-log-mode=blocking',
    ],
    { isReady: () => isReady(port), timeoutMs: 120_000 },
  )
}

async function isReady(port: number): Promise<boolean> {
  const { get } = await import('node:https')
  return new Promise((done) => {
    const request = get(
      {
        host: '127.0.0.1',
        port,
        path: '/readyz',
        rejectUnauthorized: false,
        agent: false,
        timeout: 2000,
        headers: { authorization: 'Bearer admin-token' },
      },
      (response) => {
        response.resume()
        done(response.statusCode === 200)
      },
    )
    request.once('error', () => done(false))
  })
}

const controllers = [
  'deployment-controller',
  'replicaset-controller',
  'statefulset-controller',
  'daemonset-controller',
  'job-controller',
  'garbage-collector-controller',
  'namespace-controller',
  'serviceaccount-controller',
  'endpointslice-controller',
  'disruption-controller',
  'clusterrole-aggregation-controller',
]

function managerFlags(kubeconfig: string, folder: TemporaryFolder): string[] {
  return [
    `--kubeconfig=${kubeconfig}`,
    `--controllers=${controllers.join(',')}`,
    `--cert-dir=${folder.join('certs')}`,
    '--leader-elect=false',
    '--secure-port=0',
    '--kube-api-qps=500',
    '--kube-api-burst=500',
  ]
}

/** What was asked and how it ended; of reads nothing. */
const auditPolicy = {
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitStages: ['RequestReceived', 'ResponseStarted'],
  rules: [{ level: 'None', verbs: ['get', 'list', 'watch'] }, { level: 'Metadata' }],
}

function readAudited(line: string): AuditedWrite {
  const { user, impersonatedUser, verb, objectRef, responseStatus, requestURI } = JSON.parse(line)
  return {
    user: (impersonatedUser ?? user).username,
    verb,
    resource: objectRef?.resource ?? '',
    namespace: objectRef?.namespace ?? '',
    name: objectRef?.name ?? '',
    status: responseStatus?.code ?? 0,
    isDryRun: /[?&]dryRun=/.test(requestURI),
  }
}

function kubeconfigOf(
  choice: KubeconfigOptions & { server: string; authority: string; user: string },
): object {
  const { server, authority, user, namespace = 'default' } = choice
  return {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'test',
    clusters: [{ name: 'test', cluster: { server, 'certificate-authority': authority } }],
    users: [{ name: user, user: { token: `${user}-token` } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user, namespace } }],
  }
}
