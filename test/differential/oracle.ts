/** The oracle: a current buildkitd of our own, one for a whole run. Needs root, runc and the overlay file system. */
import { writeFile } from 'node:fs/promises'
import { basename, dirname, isAbsolute, join } from 'node:path'
import { buildkitPrograms, hasBuildkit } from '../../bench/peers/buildkit-programs.ts'
import { hasProgram, runProgram, startProgram } from '../support/program.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { defaultPlatform } from './case.ts'
import { imageReport } from './image-report.ts'
import type { Outcome } from './outcome.ts'
import { basesHost, type PreparedCase } from './workspace.ts'

export interface Oracle extends AsyncDisposable {
  readonly build: (prepared: PreparedCase) => Promise<Outcome>
}

/** Whether it can run here without building anything. */
export async function hasOracle(): Promise<boolean> {
  return process.getuid?.() === 0 && hasProgram('runc') && (await hasBuildkit())
}

export async function startOracle(registry: string): Promise<Oracle> {
  const programs = await buildkitPrograms()
  const folder = await temporaryFolder()
  const address = `unix://${folder.join('buildkitd.sock')}`
  const buildctl = (args: readonly string[]) =>
    runProgram(join(programs, 'buildctl'), ['--addr', address, ...args])
  const config = folder.join('buildkitd.toml')
  await writeFile(
    config,
    `[registry."${basesHost}"]\n  mirrors = ["${registry}"]\n[registry."${registry}"]\n  http = true\n`,
  )
  const daemon = await startProgram(
    join(programs, 'buildkitd'),
    [
      ...['--config', config, '--root', folder.join('root'), '--addr', address],
      ...['--containerd-worker=false', '--oci-worker=true', '--oci-worker-binary=runc'],
      ...['--oci-worker-snapshotter=overlayfs', '--oci-worker-net=host', '--oci-worker-gc=false'],
    ],
    {
      isReady: () =>
        buildctl(['debug', 'workers']).then(
          () => true,
          () => false,
        ),
    },
  ).catch(async (error: unknown) => {
    await folder.remove()
    throw error
  })
  return {
    async build(prepared) {
      const output = join(prepared.folder, 'oracle')
      try {
        await buildctl(buildArguments(prepared, output))
      } catch (error) {
        return { error: reasonOf(error as Error) }
      }
      return { lines: await imageReport(output) }
    },
    async [Symbol.asyncDispose]() {
      await daemon.stop()
      await folder.remove()
    },
  }
}

function buildArguments(
  { item, context, dockerfile, args, contexts }: PreparedCase,
  output: string,
): string[] {
  const option = (name: string, value: string) => ['--opt', `${name}=${value}`]
  const local = (name: string, folder: string) => ['--local', `${name}=${folder}`]
  return [
    'build',
    '--progress=plain',
    '--frontend=dockerfile.v0',
    ...local('context', context),
    ...local('dockerfile', dirname(dockerfile)),
    ...option('filename', basename(dockerfile)),
    ...option('platform', item.platform ?? defaultPlatform),
    ...(item.target === undefined ? [] : option('target', item.target)),
    ...Object.entries(args).flatMap(([name, value]) => option(`build-arg:${name}`, value)),
    ...Object.entries(item.labels ?? {}).flatMap(([name, value]) => option(`label:${name}`, value)),
    ...Object.entries(contexts).flatMap(([name, value]) =>
      isAbsolute(value)
        ? [...option(`context:${name}`, `local:${name}`), ...local(name, value)]
        : option(`context:${name}`, value),
    ),
    `--output=type=oci,tar=false,dest=${output},compression=uncompressed`,
  ]
}

/** The last line of buildctl's output says why; what is this run's own, such as a port, is taken out. */
function reasonOf(error: Error): string {
  const line = error.message.split('\n').findLast((text) => text.startsWith('error: '))
  // Not a refusal of the build: something is wrong with the oracle.
  if (line === undefined || line.includes('list workers')) throw error
  return line
    .replace(/^error: (?:failed to (?:solve|run Build function): )*/, '')
    .replaceAll(/127\.0\.0\.1:\d+/g, basesHost)
    .replaceAll(/[a-z0-9]{25}::[a-z0-9]{25}/g, 'ID')
}
