/** Debian's `docker-registry` on loopback, its storage in a folder of its own. */
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect, createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { answersHttp, hasProgram, startProgram, type RunningProgram } from './program.ts'
import { requirePart } from './require-part.ts'

export interface DockerRegistryOptions {
  /** refuse all writes, default false */
  readonly readonly?: boolean
  /** storage of an earlier registry to go on with; default: a new, empty folder */
  readonly root?: string
  /** the `auth` section of its configuration; default: everybody may do everything */
  readonly auth?: object
  /** host of a registry that it is a mirror of: it fetches what it lacks and keeps it; default: it is none */
  readonly mirrorOf?: string
  /** files in PEM; default: plain HTTP */
  readonly tls?: {
    readonly certificate: string
    readonly key: string
    /** authorities of certificates that clients must have; default: clients need none */
    readonly clientAuthorities?: readonly string[]
  }
}

export interface DockerRegistry {
  /** `127.0.0.1:port` */
  readonly host: string
  /** folder of the storage, as the registry lays it out */
  readonly root: string
  /** ends the process and removes the folders that this call made */
  readonly stop: () => Promise<void>
}

/** For the `skip` option of a test. */
export function skipWithoutDockerRegistry(): string | false {
  return requirePart('docker-registry', hasProgram('docker-registry'))
}

/** Starts a registry with deletion enabled; resolves when it answers. */
export async function startDockerRegistry(options: DockerRegistryOptions = {}): Promise<DockerRegistry> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-docker-registry-'))
  const root = options.root ?? join(folder, 'storage')
  try {
    const { host, program } = await startOnFreePort(folder, root, options)
    return {
      host,
      root,
      async stop() {
        await program.stop()
        await rm(folder, { recursive: true, force: true })
      },
    }
  } catch (error) {
    await rm(folder, { recursive: true, force: true })
    throw error
  }
}

/** Somebody else may take the port between our look and the start; then another is tried. */
async function startOnFreePort(
  folder: string,
  root: string,
  options: DockerRegistryOptions,
): Promise<{ host: string; program: RunningProgram }> {
  const config = join(folder, 'config.yml')
  for (let attempt = 1; ; attempt++) {
    const host = `127.0.0.1:${await freePort()}`
    await writeFile(config, configuration(host, root, options))
    try {
      const isReady = () => (options.tls ? listens(host) : answersHttp(`http://${host}/v2/`))
      const program = await startProgram('docker-registry', ['serve', config], { isReady })
      return { host, program }
    } catch (error) {
      if (attempt === 5) throw error
    }
  }
}

function configuration(host: string, root: string, options: DockerRegistryOptions): string {
  const { auth, tls, mirrorOf } = options
  // JSON is YAML.
  return JSON.stringify({
    version: 0.1,
    log: { level: 'error', accesslog: { disabled: true } },
    storage: {
      filesystem: { rootdirectory: root },
      delete: { enabled: true },
      maintenance: { uploadpurging: { enabled: false }, readonly: { enabled: options.readonly ?? false } },
    },
    http: {
      addr: host,
      ...(tls && {
        tls: {
          certificate: tls.certificate,
          key: tls.key,
          ...(tls.clientAuthorities && { clientcas: tls.clientAuthorities }),
        },
      }),
    },
    ...(auth && { auth }),
    ...(mirrorOf !== undefined && { proxy: { remoteurl: `http://${mirrorOf}` } }),
  })
}

async function listens(host: string): Promise<boolean> {
  const [address, port] = host.split(':')
  const socket = connect(Number(port), address)
  try {
    await once(socket, 'connect')
    return true
  } finally {
    socket.destroy()
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
