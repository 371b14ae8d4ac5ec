/**
 * buildah as a rival: no daemon, storage in a temporary folder for each platform, one list of all platforms at the end.
 * One storage for all would be wrong: its layer cache takes an image of another platform when the steps are the same.
 */
import { all, type Waiting } from '../../src/base/index.ts'
import { runProgram } from '../../test/support/program.ts'
import { temporaryFolder } from '../../test/support/temporary-folder.ts'
import { wallSeconds, type Peer, type PeerBuild, type PeerOptions } from './peer.ts'

export interface BuildahOptions extends PeerOptions {
  /** `vfs` works everywhere and copies a lot; default: `overlay` */
  readonly driver?: 'overlay' | 'vfs'
}

/** Needs root. */
export async function startBuildah(options: BuildahOptions): Promise<Peer> {
  const { driver = 'overlay', signal } = options
  const folder = await temporaryFolder()
  const storages = new Set<string>()
  const buildah = (platform: string, args: readonly string[], waiting: Waiting = { signal }) => {
    const storage = platform.replaceAll('/', '-')
    storages.add(platform)
    const flags = ['--storage-driver', driver, '--root', folder.join(storage), '--runroot']
    return runProgram('buildah', [...flags, folder.join(`${storage}-run`), ...args], {
      ...waiting,
      env: { TMPDIR: folder.path },
    })
  }
  const clear = async () => {
    for (const platform of storages) {
      await buildah(platform, ['rm', '--all'], {})
      await buildah(platform, ['rmi', '--all', '--force'], {})
    }
  }
  const buildAll = async (build: PeerBuild, waiting?: Waiting) => {
    const { platforms, reference } = build
    const single = platforms.map((platform) => ({
      platform,
      reference: platforms.length === 1 ? reference : `${reference}-${platform.replaceAll('/', '-')}`,
    }))
    await all(single, async (one) => {
      await buildah(one.platform, buildArguments(build, one.platform, one.reference), waiting)
      await buildah(
        one.platform,
        ['push', '--tls-verify=false', one.reference, docker(one.reference)],
        waiting,
      )
    })
    const [first] = single
    if (single.length === 1 || !first) return
    const list = `${reference}-list`
    await buildah(first.platform, ['manifest', 'create', list], waiting)
    for (const one of single) {
      const add = ['manifest', 'add', '--tls-verify=false', list, docker(one.reference)]
      await buildah(first.platform, add, waiting)
    }
    const push = ['manifest', 'push', '--all', '--rm', '--tls-verify=false', list, docker(reference)]
    await buildah(first.platform, push, waiting)
  }
  const version = (await runProgram('buildah', ['--version'])).stdout.split(' ')[2] ?? 'unknown'
  return {
    name: `buildah ${version} (${driver})`,
    build: (build, waiting) => wallSeconds(() => buildAll(build, waiting)),
    clear,
    [Symbol.asyncDispose]: async () => {
      // Its own commands undo its mounts, a plain removal would not.
      await clear()
      await folder.remove()
    },
  }
}

function docker(reference: string): string {
  return `docker://${reference}`
}

function buildArguments({ dockerfile, context, args }: PeerBuild, platform: string, tag: string): string[] {
  return [
    'bud',
    '--isolation=chroot',
    '--layers',
    '--format=oci',
    '--pull-always',
    '--tls-verify=false',
    `--platform=${platform}`,
    `--tag=${tag}`,
    `--file=${dockerfile}`,
    ...Object.entries(args).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`]),
    context,
  ]
}
