/** `slipway bake`: all images of a plan. */
import type { Command } from 'commander'
import type { Selection } from '../build/index.ts'
import { checkBakeFlags, isCheck } from './bake-targets.ts'
import { addDelegateFlag, type DelegateFlags } from './delegate-flag.ts'
import { addAttestFlags, type AttestFlags } from './attest-flags.ts'
import { addCheckFlags, type CheckOptions } from './check-flags.ts'
import { addGitLabelFlags, withAskedGitLabels, type GitLabelFlags } from './git-label-flags.ts'
import { addLockFlags, type LockFlags } from './lock-flags.ts'
import { addNoClobberFlag, noClobberOf, type NoClobberFlags } from './no-clobber-flag.ts'
import { addOutputFlags, collect, collectList, parsePairs, type OutputOptions } from './flags.ts'

interface BakeFlags
  extends OutputOptions, CheckOptions, DelegateFlags, NoClobberFlags, GitLabelFlags, LockFlags, AttestFlags {
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
  addOutputFlags(command)
  command.action((images: string[], flags: BakeFlags) => bakeAction(images, flags))
}

async function bakeAction(images: readonly string[], flags: BakeFlags): Promise<void> {
  const { checkProtectedHubs, loadPlan, printPlan, resolvePlan, runsHere } = await import('../build/index.ts')
  const directory = process.cwd()
  const load = {
    files: flags.file,
    directory,
    root: flags.root,
    env: process.env,
    names: images,
    overrides: flags.set ?? [],
    variables: parsePairs('--var', flags.var, process.env),
  }
  if (flags.list !== undefined) {
    const { printListing } = await import('./plan-listing.ts')
    return printListing(flags.list, load)
  }
  const plan = loadPlan(load)
  const isBake = plan.format === 'bake'
  if (isBake) checkBakeFlags(flags)
  const selection: Selection = {
    ...(images.length > 0 && !isBake && { images }),
    ...(flags.hub && { hubs: flags.hub }),
    ...(flags.tag && { tags: flags.tag }),
    ...(flags.variant && { variants: flags.variant }),
    ...(flags.platform && { platforms: flags.platform }),
    args: parsePairs('--build-arg', flags.buildArg, process.env),
    labels: parsePairs('--label', flags.label),
    ...(flags.delegate && { delegate: flags.delegate }),
  }
  if (flags.lock || flags.updateBases) {
    const { runLock } = await import('./lock.ts')
    return runLock(plan, selection, { ...flags, load, insecure: flags.insecureRegistry })
  }
  const selected = resolvePlan(plan, selection, { runs: (platform) => runsHere(platform) })
  const resolved = await withAskedGitLabels(selected, flags)
  if (flags.print) {
    process.stdout.write(`${JSON.stringify(printPlan(resolved), undefined, 2)}\n`)
    return
  }
  const { runCheck, withLintWarnings } = await import('./check.ts')
  if (flags.check || isCheck(resolved)) return runCheck(resolved, flags.format)
  const { imageOutputs } = await import('./image-outputs.ts')
  const { all: outputs, of: outputsOf } = imageOutputs(resolved, flags, directory)
  const pushed = resolved.images.filter((image) => outputsOf(image).some(({ kind }) => kind === 'registry'))
  checkProtectedHubs({ ...resolved, images: pushed }, process.env)
  const { lockOf } = await import('./lock-file.ts')
  const lock = lockOf(resolved, flags, directory)
  const { attestFor, signOptionsOf } = await import('./attest-request.ts')
  const { runBake } = await import('./run.ts')
  const result = await runBake(withLintWarnings(resolved, 'bake'), {
    outputs,
    outputsOf,
    progress: flags.progress,
    skipArtifacts: flags.skipArtifacts,
    noCache: !flags.cache || resolved.images.some(({ noCache }) => noCache),
    insecure: flags.insecureRegistry,
    noClobber: noClobberOf(flags, resolved),
    lock,
    attest: attestFor(flags, resolved.images),
    sign: signOptionsOf(flags, outputs),
  })
  const { metadataOf, writeMetadata } = await import('./metadata.ts')
  if (flags.metadataFile) await writeMetadata(flags.metadataFile, metadataOf(result))
  const { summaryLines } = await import('./summary.ts')
  const { takesStandardOutput } = await import('./output.ts')
  const stream = takesStandardOutput(outputs) ? process.stderr : process.stdout
  stream.write(`${summaryLines(result, stream).join('\n')}\n`)
}
