/** `slipway build`: one image from one Dockerfile, with Docker's flags. */
import type { Command } from 'commander'
import type { BuildFlags } from './build-flags.ts'
import { addAttestFlags } from './attest-flags.ts'
import { addCheckFlags } from './check-flags.ts'
import { addDelegateFlag } from './delegate-flag.ts'
import { addGitLabelFlags } from './git-label-flags.ts'
import { addInsightFlags } from './insight-flags.ts'
import { addNoClobberFlag } from './no-clobber-flag.ts'
import { addServeFlags } from './serve-flag.ts'
import { addWatchFlags } from './watch-flag.ts'
import { addOutputFlags, collect, collectList } from './flags.ts'

export function addBuildCommand(program: Command): void {
  const command = program
    .command('build')
    .description('build one image from a Dockerfile')
    .argument('<context>', 'folder that COPY reads from')
    .option('-t, --tag <reference>', 'name of the image; may be given several times', collect)
    .option('-f, --file <dockerfile>', 'the Dockerfile; default Dockerfile in the context')
    .option('--target <stage>', 'stage to build; default the last')
    .option('--build-arg <name=value>', 'build argument', collect)
    .option(
      '--build-context <name=path>',
      'named context: a folder, docker-image://REFERENCE or oci-layout://FOLDER',
      collect,
    )
    .option('--platform <platform>', 'platform to build for; may be given several times', collectList)
    .option('--label <name=value>', 'label of the image', collect)
    .option(
      '--annotation <name=value>',
      'annotation of the manifests; index:NAME and the like put it elsewhere',
      collect,
    )
    .option('--iidfile <file>', 'write the digest to a file')
  addCheckFlags(command)
  addDelegateFlag(command)
  addGitLabelFlags(command)
  addNoClobberFlag(command)
  addAttestFlags(command)
  addInsightFlags(command)
  addOutputFlags(command)
  addServeFlags(command)
  addWatchFlags(command)
  command.action(async (context: string, flags: BuildFlags) => {
    const { buildAction } = await import('./build.ts')
    await buildAction(context, flags)
  })
}
