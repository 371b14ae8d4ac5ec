/** `slipway inspect`: what an image is, wherever it is. */
import type { Command } from 'commander'
import { addInsecureFlag, collectList } from './flags.ts'

export interface InspectFlags {
  readonly platform?: string[]
  readonly json?: boolean
  readonly raw?: boolean
  readonly config?: boolean
  readonly insecureRegistry?: string[]
}

export function addInspectCommand(program: Command): void {
  const command = program
    .command('inspect')
    .description('show an image: digests, platforms, configs, layers, annotations and what refers to it')
    .argument(
      '<image>',
      'a reference, a path, or docker://, oci:, oci-archive:, docker-archive:, docker-daemon:',
    )
    .option('--platform <platform>', 'only this platform; may be given several times', collectList)
    .option('--json', 'as JSON')
    .option('--raw', 'the bytes of the manifest or index, as they are')
    .option('--config', 'the bytes of the config of one platform, as they are')
  addInsecureFlag(command)
  command.action(async (image: string, flags: InspectFlags) => {
    const { runInspect } = await import('./inspect.ts')
    await runInspect(image, flags)
  })
}
