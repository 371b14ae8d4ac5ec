/** Registries of the matrix, of every kind and with every way to be let in, read by crane and skopeo. */
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { sha256 } from '../../../src/oci/index.ts'
import { craneValidate, runCrane } from '../crane.ts'
import { newAuthority, skipWithoutOpenssl } from '../certificates.ts'
import {
  skipWithoutDockerRegistry,
  startDockerRegistry,
  type DockerRegistryOptions,
} from '../docker-registry.ts'
import { htpasswd, skipWithoutHtpasswd } from '../htpasswd.ts'
import { registryKinds } from '../registries.ts'
import { skopeoCopy, skopeoManifest } from '../skopeo.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { startTokenServer } from '../token-server.ts'
import {
  compressions,
  referenceAt,
  type Compression,
  type ImageName,
  type MatrixContext,
  type Place,
  type Row,
} from './place.ts'

const user = 'ann'
const password = 'right'

export async function registryRows(): Promise<Row[]> {
  const plain = await Promise.all(
    registryKinds.map(async ({ name, skip, start }): Promise<Row> => {
      return {
        name,
        skip: await skip(),
        compressions,
        async start(context) {
          const registry = await start()
          const place = (compression: Compression) => placeOf(registry.host, compression, context)
          return { place, close: async () => registry[Symbol.asyncDispose]() }
        },
      }
    }),
  )
  const withoutOpenssl = skipWithoutDockerRegistry() || skipWithoutOpenssl()
  return [
    ...plain,
    guardedRow('htpasswd', skipWithoutDockerRegistry() || skipWithoutHtpasswd(), async (folder) => {
      await writeFile(join(folder, 'htpasswd'), await htpasswd({ [user]: password }))
      return { auth: { htpasswd: { realm: 'matrix', path: join(folder, 'htpasswd') } } }
    }),
    guardedRow('a token server', withoutOpenssl, async (folder) => {
      const users = { [user]: { password, access: { '': ['pull', 'push'] } } }
      const { auth, stop } = await startTokenServer({ folder, users })
      return { auth, stop }
    }),
    guardedRow('TLS', withoutOpenssl, async (folder) => {
      const authority = await newAuthority(folder)
      return { tls: await authority.sign('server'), ca: authority.certificate }
    }),
  ]
}

interface PlaceOptions {
  /** who signed its certificate */
  readonly ca?: string | undefined
  /** there is a token server on loopback, which crane refuses to ask: skopeo reads everything */
  readonly tokens?: boolean
}

interface Guard extends DockerRegistryOptions {
  /** who signed its certificate */
  readonly ca?: string
  readonly stop?: () => Promise<void>
}

/** A docker-registry that lets in those who have a login and trust its certificate. */
function guardedRow(name: string, skip: string | false, guard: (folder: string) => Promise<Guard>): Row {
  return {
    name: `docker-registry with ${name}`,
    skip,
    compressions,
    async start(context) {
      const folder = join(context.folder, name.replaceAll(' ', '-'))
      await mkdir(folder)
      const { ca, stop, ...options } = await guard(folder)
      const registry = await startDockerRegistry(options)
      if (options.auth) await keepLogin(context.home, registry.host)
      if (ca !== undefined) await trust(context.home, registry.host, ca)
      return {
        place: (compression) =>
          placeOf(registry.host, compression, context, { ca, tokens: stop !== undefined }),
        async close() {
          await registry.stop()
          await stop?.()
        },
      }
    },
  }
}

function placeOf(
  host: string,
  compression: Compression,
  { home }: MatrixContext,
  { ca, tokens = false }: PlaceOptions = {},
): Place {
  const referenceOf: Place['referenceOf'] = (image) => referenceAt(host, compression, image)
  // crane reads docker's logins where DOCKER_CONFIG says, skopeo those of one file.
  const login = { DOCKER_CONFIG: join(home, '.docker'), REGISTRY_AUTH_FILE: loginFile(home) }
  const env = { ...login, ...(ca !== undefined && { SSL_CERT_FILE: ca }) }
  const source = (image: ImageName) => `docker://${referenceOf(image)}`
  return {
    flags: ['--push', '--hub', `${host}/${compression}`],
    destination: 'registry',
    isOwn: (destination) => destination.startsWith(`${host}/`),
    referenceOf,
    identity: 'index',
    digestOf: async (image) =>
      tokens
        ? sha256(await skopeoManifest(source(image), { env }))
        : runCrane(['digest', referenceOf(image)], env),
    async validate(image) {
      await using scratch = await temporaryFolder()
      // All platforms; what does not have its digest is refused.
      await skopeoCopy(source(image), `oci:${scratch.join('layout')}:image`, { env })
      if (!tokens) await craneValidate(['--remote', referenceOf(image)], compression === 'gzip', env)
    },
    sourceOf: async (image) => source(image),
    readEnv: env,
  }
}

const loginFile = (home: string) => join(home, '.docker', 'config.json')

/** As `docker login` keeps it. */
async function keepLogin(home: string, host: string): Promise<void> {
  await mkdir(join(home, '.docker'), { recursive: true })
  const text = await readFile(loginFile(home), 'utf8').catch(() => '{"auths":{}}')
  const config = JSON.parse(text) as { auths: Record<string, unknown> }
  config.auths[host] = { auth: Buffer.from(`${user}:${password}`).toString('base64') }
  await writeFile(loginFile(home), JSON.stringify(config))
}

async function trust(home: string, host: string, ca: string): Promise<void> {
  const folder = join(home, '.config', 'containers', 'certs.d', host)
  await mkdir(folder, { recursive: true })
  await copyFile(ca, join(folder, 'ca.crt'))
}
