/** BuildKit as a rival: its own daemon with the OCI worker, driven by buildctl as buildx drives it. */
import { basename, dirname } from 'node:path'
import { startBuildkitd } from '../../test/support/buildkitd.ts'
import { buildkit } from '../../test/support/go-programs.ts'
import { wallSeconds, type Peer, type PeerBuild, type PeerOptions } from './peer.ts'

/** Starts a daemon with empty state. Needs root, runc and the overlay file system. */
export async function startBuildkit({ registry, signal }: PeerOptions): Promise<Peer> {
  const daemon = await startBuildkitd({ config: `[registry."${registry}"]\n  http = true\n`, signal })
  return {
    name: `buildkit ${buildkit.version}`,
    build: (build, options = { signal }) =>
      wallSeconds(() => daemon.buildctl(buildArguments(build), options)),
    clear: async () => {
      await daemon.buildctl(['prune', '--all'])
    },
    [Symbol.asyncDispose]: daemon.stop,
  }
}

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
    `--output=type=image,name=${reference},push=true,registry.insecure=true,oci-mediatypes=true,compression=uncompressed`,
  ]
}
