/**
 * `docker build` and `docker push` with the daemon of Debian and the BuildKit in it, image by image. Its classic store
 * holds one platform, so it builds half of the plan.
 */
import { existsSync } from 'node:fs'
import { startDockerd } from '../../test/support/dockerd.ts'
import { temporaryFolder } from '../../test/support/temporary-folder.ts'
import { measure } from '../usage.ts'
import { peerBuilds, type PeerBuild } from './builds.ts'
import type { Peer, PeerOptions } from './peer.ts'

/** The command that comes with the daemon; one from elsewhere wants buildx. */
const command = existsSync('/usr/bin/docker') ? '/usr/bin/docker' : 'docker'

/** Needs root. */
export async function startDockerBuild(options: PeerOptions): Promise<Peer> {
  await using stack = new AsyncDisposableStack()
  const staged = stack.use(await peerBuilds(options))
  const config = stack.use(await temporaryFolder())
  const daemon = stack.use(await startDockerd({ insecureRegistries: [options.registry.host] }))
  const env = { DOCKER_BUILDKIT: '1', DOCKER_HOST: daemon.host, DOCKER_CONFIG: config.path }
  const version = await daemon.run(['version', '--format', '{{.Server.Version}}'])
  const parts = stack.move()
  return {
    name: `docker build and push ${version}, image by image, one platform of two`,
    mostRounds: 1,
    prepare: staged.stage,
    bake: () =>
      measure(
        async (start) => {
          for (const build of staged.builds) {
            await start(command, buildArguments(build), { env })
            await start(command, ['push', '--quiet', build.reference], { env })
          }
        },
        [daemon.pid],
      ),
    async forget() {
      await daemon.run(['system', 'prune', '--all', '--force'])
      await daemon.run(['builder', 'prune', '--all', '--force'])
    },
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  }
}

function buildArguments({ dockerfile, context, args, platforms, reference }: PeerBuild): string[] {
  const [platform] = platforms
  return [
    'build',
    '--quiet',
    `--tag=${reference}`,
    `--file=${dockerfile}`,
    ...(platform === undefined ? [] : [`--platform=${platform}`]),
    ...Object.entries(args).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`]),
    context,
  ]
}
