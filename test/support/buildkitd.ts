/** A buildkitd of our own on a socket in a temporary folder, containers on the network of this machine. Needs root. */
import { join } from 'node:path'
import { buildkitPrograms, hasBuildkit } from '../../bench/peers/buildkit-programs.ts'
import { hasProgram, runProgram, startProgram } from './program.ts'
import { requirePart } from './require-part.ts'
import { temporaryFolder } from './temporary-folder.ts'

export interface Buildkitd extends AsyncDisposable {
  /** the value of BUILDKIT_HOST */
  readonly address: string
  /** folder of `buildctl` */
  readonly programs: string
  /** stops the daemon and removes what it kept */
  readonly stop: () => Promise<void>
}

/** For the `skip` option of a test. The benchmark builds the programs. */
export async function skipWithoutBuildkitd(): Promise<string | false> {
  const isUsable = process.getuid?.() === 0 && hasProgram('runc') && (await hasBuildkit())
  return requirePart('buildkitd (with root and runc)', isUsable)
}

export async function startBuildkitd(): Promise<Buildkitd> {
  const programs = await buildkitPrograms()
  const folder = await temporaryFolder()
  const address = `unix://${folder.join('buildkitd.sock')}`
  const isReady = () =>
    runProgram(join(programs, 'buildctl'), ['--addr', address, 'debug', 'workers']).then(
      () => true,
      () => false,
    )
  const daemon = await startProgram(
    join(programs, 'buildkitd'),
    [
      ...['--root', folder.join('root'), '--addr', address, '--containerd-worker=false', '--oci-worker=true'],
      ...['--oci-worker-binary=runc', '--oci-worker-snapshotter=overlayfs', '--oci-worker-net=host'],
      '--oci-worker-gc=false',
    ],
    { isReady },
  ).catch(async (error: unknown) => {
    await folder.remove()
    throw error
  })
  const stop = async () => {
    await daemon.stop()
    await folder.remove()
  }
  return { address, programs, stop, [Symbol.asyncDispose]: stop }
}
