/** A Docker daemon of our own on a socket in a temporary folder (Debian package `docker.io`). Needs root. */
import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Waiting } from '../../src/base/index.ts'
import { runProgram, startProgram, type ProgramOptions } from './program.ts'
import { temporaryFolder } from './temporary-folder.ts'

export interface Dockerd extends AsyncDisposable {
  /** `unix:///tmp/.../docker.sock`, the value of DOCKER_HOST */
  readonly host: string
  /** runs the docker command on this daemon and returns its standard output without the last line end */
  readonly run: (args: readonly string[], options?: ProgramOptions) => Promise<string>
  readonly stop: () => Promise<void>
}

export interface DockerdOptions extends Waiting {
  /** registries such as `127.0.0.1:5000` are plain HTTP without this; others need to be named */
  readonly insecureRegistries?: readonly string[]
}

/** Starts a daemon without a bridge and without touching iptables: containers run with `--net=host` or none. */
export async function startDockerd(options: DockerdOptions = {}): Promise<Dockerd> {
  const { signal, insecureRegistries = [] } = options
  const folder = await temporaryFolder()
  const host = `unix://${folder.join('docker.sock')}`
  const run: Dockerd['run'] = async (args, rest = { signal }) => {
    // A configuration of our own: no credentials, contexts or proxies of whoever runs the tests.
    const own = ['--config', folder.join('config'), '--host', host]
    return (await runProgram('docker', [...own, ...args], rest)).stdout.replace(/\n$/, '')
  }
  const daemon = await startProgram(
    'dockerd',
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
  return { host, run, stop, [Symbol.asyncDispose]: stop }
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
