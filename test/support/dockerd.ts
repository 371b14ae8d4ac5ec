/**
 * A Docker daemon of our own on a socket in a temporary folder. Needs root and runc. Two of them, for they keep images
 * in different ways: that of Debian's `docker.io` in graph drivers, a current one in containerd's store.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Waiting } from '../../src/base/index.ts'
import { containerd, findGoPrograms, moby } from './go-programs.ts'
import { hasProgram, programEnvironment, runProgram, startProgram, type ProgramOptions } from './program.ts'
import { requirePart } from './require-part.ts'
import { temporaryFolder } from './temporary-folder.ts'

export interface Dockerd extends AsyncDisposable {
  /** `unix:///tmp/.../docker.sock`, the value of DOCKER_HOST */
  readonly host: string
  readonly pid: number
  /** runs the docker command on this daemon and returns its standard output without the last line end */
  readonly run: (args: readonly string[], options?: ProgramOptions) => Promise<string>
  readonly stop: () => Promise<void>
}

export type ImageStore = 'graphdriver' | 'containerd'

export const imageStores: readonly ImageStore[] = ['graphdriver', 'containerd']

export interface DockerdOptions extends Waiting {
  /** how the daemon keeps images; default: `graphdriver`, the daemon of Debian */
  readonly store?: ImageStore
  /** registries such as `127.0.0.1:5000` are plain HTTP without this; others need to be named */
  readonly insecureRegistries?: readonly string[]
}

/** For the `skip` option of a test. */
export async function skipWithoutDockerd(store: ImageStore = 'graphdriver'): Promise<string | false> {
  const isRoot = process.getuid?.() === 0
  if (store === 'graphdriver')
    return requirePart('dockerd (with root)', isRoot && hasProgram('dockerd') && hasProgram('docker'))
  const isBuilt = (await currentPrograms()) !== undefined
  return requirePart(
    'a current dockerd (with root, runc and docker)',
    isRoot && hasProgram('docker') && isBuilt,
  )
}

/** The folders with a current dockerd and its containerd. */
async function currentPrograms(): Promise<{ dockerd: string; containerd: string } | undefined> {
  const [daemon, store] = await Promise.all([findGoPrograms(moby), findGoPrograms(containerd)])
  return daemon !== undefined && store !== undefined ? { dockerd: daemon, containerd: store } : undefined
}

async function programOf(store: ImageStore): Promise<{ command: string; env: Record<string, string> }> {
  if (store === 'graphdriver') return { command: 'dockerd', env: {} }
  const folders = await currentPrograms()
  if (!folders) throw new Error('a current dockerd has not been built; npm run test:setup builds it')
  const path = `${folders.containerd}:${programEnvironment['PATH']}`
  return { command: join(folders.dockerd, 'dockerd'), env: { PATH: path } }
}

/** Starts a daemon without a bridge and without touching iptables: containers run with `--net=host` or none. */
export async function startDockerd(options: DockerdOptions = {}): Promise<Dockerd> {
  const { signal, insecureRegistries = [], store = 'graphdriver' } = options
  const { command, env } = await programOf(store)
  const folder = await temporaryFolder()
  const host = `unix://${folder.join('docker.sock')}`
  const run: Dockerd['run'] = async (args, rest = { signal }) => {
    // A configuration of our own: no credentials, contexts or proxies of whoever runs the tests.
    const own = ['--config', folder.join('config'), '--host', host]
    return (await runProgram('docker', [...own, ...args], rest)).stdout.replace(/\n$/, '')
  }
  const daemon = await startProgram(
    command,
    [
      '--iptables=false',
      '--bridge=none',
      '--data-root',
      folder.join('root'),
      '--exec-root',
      folder.join('exec'),
      '--host',
      host,
      '--pidfile',
      folder.join('pid'),
      ...insecureRegistries.map((registry) => `--insecure-registry=${registry}`),
    ],
    {
      signal,
      env,
      isReady: () =>
        run(['version', '--format', '{{.Server.Version}}'], { timeoutMs: 5000 }).then(
          () => true,
          () => false,
        ),
    },
  ).catch(async (error: unknown) => {
    await endContainerd(folder.join('exec/containerd/containerd.pid'))
    await folder.remove()
    throw error
  })
  const stopAll = async () => {
    await daemon.stop()
    await endContainerd(folder.join('exec/containerd/containerd.pid'))
    await unmountUnder(folder.path)
    await folder.remove()
  }
  let stopped: Promise<void> | undefined
  const stop = () => (stopped ??= stopAll())
  return { host, pid: daemon.pid, run, stop, [Symbol.asyncDispose]: stop }
}

/** The containerd that dockerd started outlives it when dockerd had to be killed. Its file is gone otherwise. */
async function endContainerd(pidFile: string): Promise<void> {
  const pid = Number(await readFile(pidFile, 'utf8').catch(() => ''))
  if (!Number.isInteger(pid) || pid < 2) return
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
  // The number may belong to someone else by now; only ours has our folder in its command line.
  if (!command.includes(pidFile.replace(/[^/]+$/, ''))) return
  process.kill(pid, 'SIGTERM')
  for (let tries = 0; tries < 100 && isAlive(pid); tries++) await sleep(50)
  if (isAlive(pid)) process.kill(pid, 'SIGKILL')
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

/** Mounts that a killed daemon left, the deepest first; without this the folder could not be removed. */
async function unmountUnder(folder: string): Promise<void> {
  const mounts = (await readFile('/proc/self/mounts', 'utf8'))
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '')
    .filter((path) => path.startsWith(`${folder}/`))
  for (const path of mounts.toReversed()) await runProgram('umount', ['--lazy', path]).catch(() => undefined)
}
