/** The oracle: a current buildkitd of our own, one for a whole run. Needs root, runc and the overlay file system. */
import { basename, dirname, isAbsolute, join } from 'node:path'
import { startBuildkitd } from '../support/buildkitd.ts'
import { defaultPlatform } from './case.ts'
import { imageReport } from './image-report.ts'
import type { Outcome } from './outcome.ts'
import { basesHost, type PreparedCase } from './workspace.ts'

export interface Oracle extends AsyncDisposable {
  readonly build: (prepared: PreparedCase) => Promise<Outcome>
}

export async function startOracle(registry: string): Promise<Oracle> {
  const mirrors = `[registry."${basesHost}"]\n  mirrors = ["${registry}"]\n`
  const daemon = await startBuildkitd({ config: `${mirrors}[registry."${registry}"]\n  http = true\n` })
  return {
    async build(prepared) {
      const output = join(prepared.folder, 'oracle')
      try {
        await daemon.buildctl(buildArguments(prepared, output))
      } catch (error) {
        return { error: reasonOf(error as Error) }
      }
      return { lines: await imageReport(output) }
    },
    [Symbol.asyncDispose]: daemon.stop,
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
    // Its cache takes some copies with --exclude for others that are not the same.
    '--no-cache',
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
