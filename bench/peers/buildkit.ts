/** BuildKit as a rival: its own daemon with the OCI worker, driven by buildctl as buildx drives it. */
import { writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { runProgram, startProgram } from '../../test/support/program.ts'
import { temporaryFolder } from '../../test/support/temporary-folder.ts'
import { buildkitPrograms, buildkitVersion } from './buildkit-programs.ts'
import { wallSeconds, type Peer, type PeerBuild, type PeerOptions } from './peer.ts'

/** Starts a daemon with empty state. Needs root, runc and the overlay file system. */
export async function startBuildkit({ registry, signal }: PeerOptions): Promise<Peer> {
  const programs = await buildkitPrograms({ signal })
  const folder = await temporaryFolder()
  const address = `unix://${folder.join('buildkitd.sock')}`
  const buildctl = (args: readonly string[], waiting: { signal?: AbortSignal | undefined } = { signal }) =>
    runProgram(join(programs, 'buildctl'), ['--addr', address, ...args], waiting)
  const config = folder.join('buildkitd.toml')
  await writeFile(config, `[registry."${registry}"]\n  http = true\n`)
  try {
    const daemon = await startProgram(
      join(programs, 'buildkitd'),
      [
        '--config',
        config,
        '--root',
        folder.join('root'),
        '--addr',
        address,
        '--containerd-worker=false',
        '--oci-worker=true',
        '--oci-worker-binary=runc',
        '--oci-worker-snapshotter=overlayfs',
        '--oci-worker-net=host',
        '--oci-worker-gc=false',
      ],
      {
        signal,
        isReady: () =>
          buildctl(['debug', 'workers']).then(
            () => true,
            () => false,
          ),
      },
    )
    return {
      name: `buildkit ${buildkitVersion}`,
      build: (build, options = {}) => wallSeconds(() => buildctl(buildArguments(build), options)),
      clear: async () => {
        await buildctl(['prune', '--all'])
      },
      [Symbol.asyncDispose]: async () => {
        await daemon.stop()
        await folder.remove()
      },
    }
  } catch (error) {
    await folder.remove()
    throw error
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
