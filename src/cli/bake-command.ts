/** `slipway bake`: all images of a plan. */
import type { Command } from 'commander'
import { addDelegateFlag, type DelegateFlags } from './delegate-flag.ts'
import { addAttestFlags, type AttestFlags } from './attest-flags.ts'
import { addCheckFlags, type CheckOptions } from './check-flags.ts'
import { addGitLabelFlags, type GitLabelFlags } from './git-label-flags.ts'
import { addInsightFlags, type InsightFlags } from './insight-flags.ts'
import { addLockFlags, type LockFlags } from './lock-flags.ts'
import { addNoClobberFlag, type NoClobberFlags } from './no-clobber-flag.ts'
import { addServeFlags, type ServeFlags } from './serve-flag.ts'
import { addWatchFlags, type WatchFlags } from './watch-flag.ts'
import { addOutputFlags, collect, collectList, type OutputOptions } from './flags.ts'

export interface BakeFlags
  extends
    OutputOptions,
    CheckOptions,
    DelegateFlags,
    NoClobberFlags,
    GitLabelFlags,
    LockFlags,
    AttestFlags,
    InsightFlags,
    ServeFlags,
    WatchFlags {
  readonly file?: string[]
  readonly set?: string[]
  readonly var?: string[]
  readonly list?: string
  readonly root?: string
  readonly hub?: string[]
  readonly tag?: string[]
  readonly variant?: string[]
  readonly platform?: string[]
  readonly buildArg?: string[]
  readonly label?: string[]
  readonly print?: boolean
  readonly skipArtifacts?: boolean
}

export function addBakeCommand(program: Command): void {
  const command = program
    .command('bake')
    .description(
      'build the images of a plan: slipway.yaml, an Istio docker.yaml, bake files or compose files',
    )
    .argument('[images...]', 'images or groups of the plan, or patterns of them; default what the plan says')
    .option(
      '-f, --file <plan>',
      'the plan; bake and compose files may be several. Default: slipway.yaml, docker.yaml, or all bake and compose files',
      collect,
    )
    .option('--root <dir>', 'project root that paths of the plan are relative to')
    .option('--hub <hub>', 'registry and path to publish under; may be given several times', collectList)
    .option('-t, --tag <tag>', 'tag to publish; may be given several times', collectList)
    .option('--variant <variant>', 'variant to build; may be given several times', collectList)
    .option('--platform <platform>', 'platform to build for; may be given several times', collectList)
    .option('--build-arg <name=value>', 'build argument that wins over the plan', collect)
    .option('--label <name=value>', 'label that wins over the plan', collect)
    .option(
      '--set <pattern.key=value>',
      'change the plan: "*.platform=linux/arm64", app.tags+=x; may be given several times',
      collect,
    )
    .option('--var <name=value>', 'variable of a bake file; may be given several times', collect)
    .option('--list <what>', 'list targets or variables, with format=json as JSON')
    .option('--print', 'print the resolved plan as JSON and build nothing')
    .option('--skip-artifacts', 'do not run artifact commands; what they make must be there')
  addCheckFlags(command)
  addDelegateFlag(command)
  addLockFlags(command)
  addGitLabelFlags(command)
  addNoClobberFlag(command)
  addAttestFlags(command)
  addInsightFlags(command)
  addOutputFlags(command)
  addServeFlags(command)
  addWatchFlags(command)
  command.action(async (images: string[], flags: BakeFlags) => {
    const { bakeAction } = await import('./bake.ts')
    await bakeAction(images, flags)
  })
}
