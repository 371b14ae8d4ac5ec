/**
 * BuildKit as a rival: its own daemon with the OCI worker, image by image by buildctl, as buildx drives it, or all at
 * once as one bake.
 */
import { writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { startBuildkitd, type Buildkitd } from '../../test/support/buildkitd.ts'
import { buildGoPrograms, buildkit, buildx } from '../../test/support/go-programs.ts'
import { temporaryFolder } from '../../test/support/temporary-folder.ts'
import { measure } from '../usage.ts'
import { peerBuilds, type PeerBuild } from './builds.ts'
import type { Peer, PeerOptions } from './peer.ts'

/** Needs root, runc and the overlay file system. */
export async function startBuildkit(options: PeerOptions): Promise<Peer> {
  return withDaemon(options, async ({ daemon, builds }) => ({
    name: `BuildKit ${buildkit.version}, image by image`,
    mostRounds: 3,
    bake: () =>
      measure(
        async (start) => {
          for (const build of builds)
            await start(join(daemon.programs, 'buildctl'), [
              '--addr',
              daemon.address,
              ...buildArguments(build),
            ])
        },
        [daemon.pid],
      ),
  }))
}

/** One bake of all images: bases are targets, and contexts of what stands on them. */
export async function startBake(options: PeerOptions): Promise<Peer> {
  const program = join(await buildGoPrograms(buildx), 'buildx')
  return withDaemon(options, async ({ daemon, builds, folder }) => {
    const file = join(folder, 'docker-bake.json')
    await writeFile(file, JSON.stringify(bakeFile(builds)))
    const env = { BUILDX_CONFIG: join(folder, 'buildx'), BUILDX_NO_DEFAULT_ATTESTATIONS: '1' }
    await measure((start) =>
      start(program, ['create', '--name', 'bench', '--driver', 'remote', daemon.address], { env }),
    )
    return {
      name: `BuildKit ${buildkit.version}, one bake of buildx ${buildx.version}`,
      mostRounds: 3,
      bake: () =>
        measure(
          (start) =>
            start(program, ['bake', '--builder', 'bench', '--progress=plain', '--allow=fs=*', '-f', file], {
              env,
              cwd: folder,
            }),
          [daemon.pid],
        ),
    }
  })
}

interface Parts {
  readonly daemon: Buildkitd
  readonly builds: readonly PeerBuild[]
  /** for files of the peer */
  readonly folder: string
}

async function withDaemon(
  options: PeerOptions,
  make: (parts: Parts) => Promise<Pick<Peer, 'name' | 'mostRounds' | 'bake'>>,
): Promise<Peer> {
  await using stack = new AsyncDisposableStack()
  const folder = stack.use(await temporaryFolder())
  const staged = stack.use(await peerBuilds(options))
  const config = `[registry."${options.registry.host}"]\n  http = true\n`
  const daemon = stack.use(await startBuildkitd({ config }))
  const peer = await make({ daemon, builds: staged.builds, folder: folder.path })
  const all = stack.move()
  return {
    ...peer,
    prepare: staged.stage,
    forget: async () => {
      await daemon.buildctl(['prune', '--all'])
    },
    [Symbol.asyncDispose]: async () => all.disposeAsync(),
  }
}

const output = 'push=true,registry.insecure=true,oci-mediatypes=true,compression=uncompressed'

function buildArguments({ dockerfile, context, args, platforms, reference }: PeerBuild): string[] {
  return [
    'build',
    '--progress=plain',
    '--frontend=dockerfile.v0',
    '--local',
    `context=${context}`,
    '--local',
    `dockerfile=${dirname(dockerfile)}`,
    '--opt',
    `filename=${basename(dockerfile)}`,
    '--opt',
    `platform=${platforms.join(',')}`,
    ...Object.entries(args).flatMap(([name, value]) => ['--opt', `build-arg:${name}=${value}`]),
    `--output=type=image,name=${reference},${output}`,
  ]
}

function bakeFile(builds: readonly PeerBuild[]): object {
  const bases = builds.filter(({ isBase }) => isBase)
  const contexts = Object.fromEntries(bases.map(({ reference, name }) => [reference, `target:${name}`]))
  return {
    group: { default: { targets: builds.map(({ name }) => name) } },
    target: Object.fromEntries(
      builds.map(({ name, dockerfile, context, args, platforms, reference, isBase }) => [
        name,
        {
          dockerfile,
          context,
          args,
          platforms,
          output: [`type=image,name=${reference},${output}`],
          ...(!isBase && { contexts }),
        },
      ]),
    ),
  }
}
