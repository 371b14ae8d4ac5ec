/** What `slipway bake` does. */
import {
  checkProtectedHubs,
  openPlan,
  printPlan,
  resolvePlan,
  runsHere,
  type Selection,
} from '../build/index.ts'
import { attestFor, signOptionsOf } from './attest-request.ts'
import type { BakeFlags } from './bake-command.ts'
import { checkBakeFlags, isCheck } from './bake-targets.ts'
import { parsePairs } from './flags.ts'
import { withAskedGitLabels } from './git-label-flags.ts'
import { imageOutputs } from './image-outputs.ts'
import { withLintWarnings } from './lint-warnings.ts'
import { lockOf } from './lock-file.ts'
import { openMemos } from './memos.ts'
import { metadataOf, writeMetadata } from './metadata.ts'
import { noClobberOf } from './no-clobber-flag.ts'
import { takesStandardOutput } from './output.ts'
import { runBake } from './run.ts'
import { summaryLines } from './summary.ts'

export async function bakeAction(images: readonly string[], flags: BakeFlags): Promise<void> {
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
  const memos = flags.cache ? openMemos() : undefined
  const plan = await openPlan(load, memos)
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
  if (flags.check || isCheck(resolved)) {
    const { runCheck } = await import('./check.ts')
    return runCheck(resolved, flags.format)
  }
  const { all: outputs, of: outputsOf } = imageOutputs(resolved, flags, directory)
  const pushed = resolved.images.filter((image) => outputsOf(image).some(({ kind }) => kind === 'registry'))
  checkProtectedHubs({ ...resolved, images: pushed }, process.env)
  const lock = await lockOf(resolved, flags, directory)
  const result = await runBake(await withLintWarnings(resolved, { command: 'bake', memos }), {
    memos,
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
  if (flags.metadataFile) await writeMetadata(flags.metadataFile, metadataOf(result))
  const stream = takesStandardOutput(outputs) ? process.stderr : process.stdout
  stream.write(`${summaryLines(result, stream).join('\n')}\n`)
}
