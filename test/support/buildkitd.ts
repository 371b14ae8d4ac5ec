/**
 * A buildkitd of our own on a socket in a temporary folder, containers on the network of this machine. Needs root and
 * runc. Tests compare with it and delegate to it; the benchmark races it.
 */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Waiting } from '../../src/base/index.ts'
import { buildGoPrograms, buildkit, findGoPrograms } from './go-programs.ts'
import { hasProgram, runProgram, startProgram } from './program.ts'
import { requirePart } from './require-part.ts'
import { temporaryFolder } from './temporary-folder.ts'

export interface Buildkitd extends AsyncDisposable {
  /** the value of BUILDKIT_HOST */
  readonly address: string
  readonly pid: number
  /** folder of `buildctl` */
  readonly programs: string
  /** runs buildctl against this daemon */
  readonly buildctl: (args: readonly string[], options?: Waiting) => ReturnType<typeof runProgram>
  /** stops the daemon and removes what it kept */
  readonly stop: () => Promise<void>
}

export interface BuildkitdOptions extends Waiting {
  /** text of buildkitd.toml; default empty */
  readonly config?: string
}

/** Whether it can run here without building anything. */
export async function hasBuildkitd(): Promise<boolean> {
  return process.getuid?.() === 0 && hasProgram('runc') && (await findGoPrograms(buildkit)) !== undefined
}

/** For the `skip` option of a test. `npm run test:setup` builds the programs. */
export async function skipWithoutBuildkitd(): Promise<string | false> {
  return requirePart('buildkitd (with root and runc)', await hasBuildkitd())
}

export async function startBuildkitd({ config = '', signal }: BuildkitdOptions = {}): Promise<Buildkitd> {
  const programs = await buildGoPrograms(buildkit, { signal })
  const folder = await temporaryFolder()
  const address = `unix://${folder.join('buildkitd.sock')}`
  const buildctl: Buildkitd['buildctl'] = (args, options = { signal }) =>
    runProgram(join(programs, 'buildctl'), ['--addr', address, ...args], options)
  await writeFile(folder.join('buildkitd.toml'), config)
  const isReady = () =>
    buildctl(['debug', 'workers']).then(
      () => true,
      () => false,
    )
  const daemon = await startProgram(
    join(programs, 'buildkitd'),
    [
      `--config=${folder.join('buildkitd.toml')}`,
      `--root=${folder.join('root')}`,
      `--addr=${address}`,
      '--containerd-worker=false',
      '--oci-worker=true',
      '--oci-worker-binary=runc',
      '--oci-worker-snapshotter=overlayfs',
      '--oci-worker-net=host',
      '--oci-worker-gc=false',
    ],
    { signal, isReady },
  ).catch(async (error: unknown) => {
    await folder.remove()
    throw error
  })
  const stop = async () => {
    await daemon.stop()
    await folder.remove()
  }
  return { address, pid: daemon.pid, programs, buildctl, stop, [Symbol.asyncDispose]: stop }
}
