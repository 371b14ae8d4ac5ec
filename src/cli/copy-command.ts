/** `slipway copy`: an image from one place to others, as it is. */
import type { Command } from 'commander'
import { addInsecureFlag, addProgressFlag, collectList } from './flags.ts'

export interface CopyFlags {
  readonly platform?: string[]
  readonly referrers?: boolean
  readonly insecureRegistry?: string[]
  readonly progress: string
}

export function addCopyCommand(program: Command): void {
  const command = program
    .command('copy')
    .description('copy an image between registries, layouts, archives and daemons without changing a byte')
    .argument(
      '<source>',
      'a reference, a path, or docker://, oci:, oci-archive:, docker-archive:, docker-daemon:',
    )
    .argument('<destination...>', 'the same; several are written at once')
    .option('--platform <platform>', 'only this platform; may be given several times', collectList)
    .option('--referrers', 'also what refers to the image: signatures, SBOMs, provenance')
  addProgressFlag(addInsecureFlag(command))
  command.action(async (source: string, destinations: string[], flags: CopyFlags) => {
    const { runCopy } = await import('./copy.ts')
    await runCopy(source, destinations, flags)
  })
}
