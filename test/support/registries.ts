/** The real registries that tests run against, each a server of its own on loopback, empty when it starts. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { skipWithoutDockerRegistry, startDockerRegistry } from './docker-registry.ts'
import { freePort } from './free-port.ts'
import { crane, distribution, findGoPrograms, type GoPrograms } from './go-programs.ts'
import { answersHttp, startProgram, type RunningProgram } from './program.ts'
import { requirePart } from './require-part.ts'
import { temporaryFolder } from './temporary-folder.ts'

export interface RealRegistry extends AsyncDisposable {
  /** `127.0.0.1:port` */
  readonly host: string
}

export interface RegistryKind {
  readonly name: string
  /** for the `skip` option of a test */
  readonly skip: () => Promise<string | false>
  readonly start: () => Promise<RealRegistry>
}

/** zot would be the fourth; its module cannot be had from the Go module proxy. */
export const registryKinds: readonly RegistryKind[] = [
  {
    name: 'docker-registry 2.8',
    skip: async () => skipWithoutDockerRegistry(),
    async start() {
      const { host, stop } = await startDockerRegistry()
      return { host, [Symbol.asyncDispose]: stop }
    },
  },
  {
    name: `distribution ${distribution.version}`,
    skip: () => skipWithout(distribution),
    start: () => startDistribution(),
  },
  {
    name: `crane registry ${crane.version}`,
    skip: () => skipWithout(crane),
    start: () => startCraneRegistry(),
  },
]

async function skipWithout(programs: GoPrograms): Promise<string | false> {
  return requirePart(`${programs.name} ${programs.version}`, (await findGoPrograms(programs)) !== undefined)
}

async function startDistribution(): Promise<RealRegistry> {
  const programs = await programsOf(distribution)
  const folder = await temporaryFolder()
  const config = folder.join('config.yml')
  return onFreePort(
    async (host) => {
      // JSON is YAML.
      const settings = {
        version: 0.1,
        log: { level: 'error', accesslog: { disabled: true } },
        storage: { filesystem: { rootdirectory: folder.join('storage') }, delete: { enabled: true } },
        http: { addr: host },
      }
      await writeFile(config, JSON.stringify(settings))
      return startProgram(join(programs, 'registry'), ['serve', config], { isReady: () => isReady(host) })
    },
    () => folder.remove(),
  )
}

/** go-containerregistry's registry, which knows referrers. */
async function startCraneRegistry(): Promise<RealRegistry> {
  const programs = await programsOf(crane)
  const folder = await temporaryFolder()
  return onFreePort(
    (host) =>
      startProgram(join(programs, 'crane'), ['registry', 'serve', '--address', host, '--disk', folder.path], {
        isReady: () => isReady(host),
      }),
    () => folder.remove(),
  )
}

function isReady(host: string): Promise<boolean> {
  return answersHttp(`http://${host}/v2/`)
}

async function programsOf(programs: GoPrograms): Promise<string> {
  const folder = await findGoPrograms(programs)
  if (folder === undefined)
    throw new Error(`${programs.name} has not been built; npm run test:setup builds it`)
  return folder
}

/** Somebody else may take the port between our look and the start; then another is tried. */
async function onFreePort(
  start: (host: string) => Promise<RunningProgram>,
  remove: () => Promise<void>,
): Promise<RealRegistry> {
  for (let attempt = 1; ; attempt++) {
    const host = `127.0.0.1:${await freePort()}`
    try {
      const program = await start(host)
      return {
        host,
        async [Symbol.asyncDispose]() {
          await program.stop()
          await remove()
        },
      }
    } catch (error) {
      if (attempt < 5) continue
      await remove()
      throw error
    }
  }
}
