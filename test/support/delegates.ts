/** Real builders for tests of `--delegate`, each with the environment in which only it is configured. */
import { copyFile, mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { skipWithoutBuildkitd, startBuildkitd } from './buildkitd.ts'
import { buildx, findGoPrograms } from './go-programs.ts'
import { startDockerd } from './dockerd.ts'
import { hasProgram, programEnvironment, runProgram } from './program.ts'
import { requirePart } from './require-part.ts'
import { temporaryFolder } from './temporary-folder.ts'

export interface RunningDelegate {
  readonly env: Readonly<Record<string, string>>
  readonly stop: () => Promise<void>
}

export interface Delegate {
  readonly name: 'buildctl' | 'buildx' | 'docker' | 'buildah'
  /** can be given images that have no registry */
  readonly takesContexts: boolean
  readonly skip: string | false
  readonly start: () => Promise<RunningDelegate>
}

const path = programEnvironment['PATH'] ?? ''
const isRoot = process.getuid?.() === 0
/** Debian's client speaks BuildKit by itself; a newer one that comes first on PATH may lack its plugin. */
const dockerPath = `/usr/bin:${path}`

export async function delegates(): Promise<Delegate[]> {
  const buildkit = await skipWithoutBuildkitd()
  const plugin = await buildxPlugin()
  return [
    { name: 'buildctl', takesContexts: true, skip: buildkit, start: startBuildctl },
    {
      name: 'buildx',
      takesContexts: true,
      skip: buildkit || requirePart('docker buildx', plugin !== undefined),
      start: () => startBuildx(plugin!),
    },
    {
      name: 'docker',
      takesContexts: false,
      skip: requirePart('dockerd (with root)', isRoot && hasProgram('dockerd')),
      start: startDocker,
    },
    {
      name: 'buildah',
      takesContexts: true,
      skip: requirePart('buildah (with root)', isRoot && hasProgram('buildah')),
      start: startBuildah,
    },
  ]
}

async function startBuildctl(): Promise<RunningDelegate> {
  const { address, programs, stop } = await startBuildkitd()
  return { env: { PATH: `${programs}:${path}`, BUILDKIT_HOST: address }, stop }
}

async function startBuildx(plugin: string): Promise<RunningDelegate> {
  const daemon = await startBuildkitd()
  const config = await temporaryFolder()
  await mkdir(config.join('cli-plugins'))
  await copyFile(plugin, config.join('cli-plugins/docker-buildx'))
  const env = { PATH: path, DOCKER_CONFIG: config.path }
  await runProgram('docker', ['buildx', 'create', '--driver=remote', '--use', daemon.address], { env })
  const stop = async () => {
    await daemon.stop()
    await config.remove()
  }
  return { env, stop }
}

async function startDocker(): Promise<RunningDelegate> {
  const daemon = await startDockerd()
  const folder = await temporaryFolder()
  const stop = async () => {
    await daemon.stop()
    await folder.remove()
  }
  // The daemon has no bridge, so its builds run on the network of this machine.
  const docker = (
    await runProgram('sh', ['-c', 'command -v docker'], { env: { PATH: dockerPath } })
  ).stdout.trim()
  const wrapper = `#!/bin/sh\nif [ "$1" = build ]; then shift; set -- build --network=host "$@"; fi\nexec ${docker} "$@"\n`
  await mkdir(folder.join('bin'))
  await writeFile(folder.join('bin/docker'), wrapper, { mode: 0o755 })
  const env = {
    PATH: `${folder.join('bin')}:${dockerPath}`,
    DOCKER_HOST: daemon.host,
    DOCKER_CONFIG: folder.join('config'),
  }
  return { env, stop }
}

async function startBuildah(): Promise<RunningDelegate> {
  const folder = await temporaryFolder()
  const storage = folder.join('storage.conf')
  await writeFile(
    storage,
    `[storage]\ndriver = "vfs"\ngraphroot = "${folder.join('root')}"\nrunroot = "${folder.join('run')}"\n`,
  )
  await mkdir(folder.join('tmp'))
  const env = {
    PATH: path,
    CONTAINERS_STORAGE_CONF: storage,
    BUILDAH_ISOLATION: 'chroot',
    TMPDIR: folder.join('tmp'),
  }
  return { env, stop: folder.remove }
}

/** A plugin of this machine, or the one that `npm run test:setup` builds. */
async function buildxPlugin(): Promise<string | undefined> {
  if (!hasProgram('docker')) return undefined
  const folders = ['/usr/libexec/docker/cli-plugins', '/usr/lib/docker/cli-plugins']
  for (const folder of folders) {
    const names = await readdir(folder).catch((): string[] => [])
    if (names.includes('docker-buildx')) return join(folder, 'docker-buildx')
  }
  const folder = await findGoPrograms(buildx)
  return folder && join(folder, 'buildx')
}
