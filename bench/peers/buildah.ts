/**
 * buildah as a rival: no daemon, storage in a temporary folder for each platform, one list of all platforms at the end.
 * One storage for all would be wrong: its layer cache takes an image of another platform when the steps are the same.
 */
import { all } from '../../src/base/index.ts'
import { runProgram } from '../../test/support/program.ts'
import { temporaryFolder } from '../../test/support/temporary-folder.ts'
import { measure, run } from '../usage.ts'
import { peerBuilds, type PeerBuild } from './builds.ts'
import type { Peer, PeerOptions } from './peer.ts'

/** Needs root and the overlay file system. */
export async function startBuildah(options: PeerOptions): Promise<Peer> {
  await using stack = new AsyncDisposableStack()
  const folder = stack.use(await temporaryFolder())
  const staged = stack.use(await peerBuilds(options))
  const platforms = new Set(staged.builds.flatMap((build) => build.platforms))
  const on =
    (start: typeof run) =>
    (platform: string, args: readonly string[]): ReturnType<typeof run> => {
      const storage = folder.join(platform.replaceAll('/', '-'))
      const flags = ['--storage-driver', 'overlay', '--root', storage, '--runroot', `${storage}-run`]
      return start('buildah', [...flags, ...args], { env: { TMPDIR: folder.path } })
    }
  const forget = async () => {
    for (const platform of platforms) {
      await on(run)(platform, ['rm', '--all'])
      await on(run)(platform, ['rmi', '--all', '--force'])
    }
  }
  const { stdout } = await runProgram('buildah', ['--version'])
  // Its own commands undo its mounts, a plain removal would not.
  stack.defer(forget)
  const parts = stack.move()
  return {
    name: `buildah ${stdout.split(' ')[2] ?? ''}, image by image`,
    mostRounds: 1,
    prepare: staged.stage,
    bake: () =>
      measure(async (start) => {
        for (const build of staged.builds) await buildOne(on(start), build)
      }),
    forget,
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  }
}

type Buildah = (platform: string, args: readonly string[]) => Promise<unknown>

async function buildOne(buildah: Buildah, build: PeerBuild): Promise<void> {
  const { platforms, reference } = build
  const single = platforms.map((platform) => ({
    platform,
    reference: platforms.length === 1 ? reference : `${reference}-${platform.replaceAll('/', '-')}`,
  }))
  await all(single, async (one) => {
    await buildah(one.platform, buildArguments(build, one.platform, one.reference))
    await buildah(one.platform, ['push', '--tls-verify=false', one.reference, docker(one.reference)])
  })
  const [first] = single
  if (single.length === 1 || !first) return
  const list = `${reference}-list`
  await buildah(first.platform, ['manifest', 'create', list])
  for (const one of single)
    await buildah(first.platform, ['manifest', 'add', '--tls-verify=false', list, docker(one.reference)])
  const push = ['manifest', 'push', '--all', '--rm', '--tls-verify=false', list, docker(reference)]
  await buildah(first.platform, push)
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
