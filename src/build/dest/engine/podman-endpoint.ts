/** Where podman's service listens: CONTAINER_HOST, the sockets of systemd units, else a service of our own for this run. */
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Failure, systemCode, type Waiting } from '../../../base/index.ts'
import type { Endpoint } from './endpoint.ts'

export interface PodmanService {
  readonly endpoint: Endpoint
  /** ends a service of our own */
  readonly close: () => void
}

/** A service without work ends by itself, should nobody end it. */
const idleSeconds = 900
const startMs = 30_000

/** @throws Failure USAGE for a CONTAINER_HOST that is no unix socket; STORE_UNREACHABLE when there is no podman */
export async function podmanService(env: NodeJS.ProcessEnv, options: Waiting): Promise<PodmanService> {
  const host = env['CONTAINER_HOST']
  if (host) {
    if (host.startsWith('unix://')) return serviceAt(host.slice('unix://'.length))
    throw new Failure('USAGE', `CONTAINER_HOST=${host} is no unix socket`, {
      hint: 'forward its socket here, such as with `ssh -L`, and name it as unix:///PATH',
    })
  }
  for (const path of unitSockets(env)) if (await isListening(path)) return serviceAt(path)
  return startService(env, options)
}

function serviceAt(path: string): PodmanService {
  return { endpoint: { kind: 'socket', path }, close: () => {} }
}

/** That of the user, and for root that of the system: each has a store of its own. */
function unitSockets(env: NodeJS.ProcessEnv): string[] {
  if (process.getuid?.() === 0) return ['/run/podman/podman.sock']
  const folder = env['XDG_RUNTIME_DIR']
  return folder ? [join(folder, 'podman/podman.sock')] : []
}

async function startService(env: NodeJS.ProcessEnv, { signal }: Waiting): Promise<PodmanService> {
  const path = join(tmpdir(), `slipway-podman-${randomBytes(6).toString('hex')}.sock`)
  const args = ['system', 'service', `--time=${idleSeconds}`, `unix://${path}`]
  const child = spawn('podman', args, { env, stdio: ['ignore', 'ignore', 'pipe'] })
  let complaint = ''
  let failure: Error | undefined
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaint += text))
  child.once('error', (error) => (failure = error))
  const close = (): void => {
    process.off('exit', close)
    child.kill()
    void rm(path, { force: true })
  }
  process.once('exit', close)
  child.unref()
  const deadline = Date.now() + startMs
  while (!(await isListening(path))) {
    const isOver = failure !== undefined || child.exitCode !== null || Date.now() > deadline
    if (!isOver && signal?.aborted !== true) {
      await sleep(20)
      continue
    }
    close()
    signal?.throwIfAborted()
    throw startFailure(failure, complaint)
  }
  return { endpoint: { kind: 'socket', path }, close }
}

function startFailure(failure: Error | undefined, complaint: string): Failure {
  if (failure && systemCode(failure) === 'ENOENT') {
    return new Failure('STORE_UNREACHABLE', 'podman cannot be reached: there is no command podman', {
      hint: 'install podman, or say with CONTAINER_HOST=unix:///PATH where its service listens',
      cause: failure,
    })
  }
  return new Failure('STORE_UNREACHABLE', 'podman cannot be reached: `podman system service` did not start', {
    hint: 'see whether `podman info` works',
    output: complaint || undefined,
    cause: failure,
  })
}

function isListening(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path)
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
