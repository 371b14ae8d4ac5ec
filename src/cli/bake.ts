/** What `slipway bake` does. */
import { resolve } from 'node:path'
import {
  checkProtectedHubs,
  findPlan,
  openPlan,
  printPlan,
  resolvePlan,
  runsHere,
  type LoadOptions,
  type Plan,
  type ResolvedImage,
  type ResolvedPlan,
  type Selection,
} from '../build/index.ts'
import type { MemoFiles } from '../store/index.ts'
import { attestFor, attestOptionsOf, signOptionsOf } from './attest-request.ts'
import type { BakeFlags } from './bake-command.ts'
import { checkBakeFlags, isCheck } from './bake-targets.ts'
import { favourMemoryForPlan } from './favour-memory.ts'
import { parsePairs } from './flags.ts'
import { withAskedGitLabels } from './git-label-flags.ts'
import { imageOutputs } from './image-outputs.ts'
import { runJob, type ReadyRun } from './job.ts'
import { withLintWarnings } from './lint-warnings.ts'
import { lockOf, lockPath } from './lock-file.ts'
import { openMemos } from './memos.ts'
import { metadataOf, writeMetadata } from './metadata.ts'
import { noClobberOf } from './no-clobber-flag.ts'
import { checkServeFlags } from './serve-flag.ts'
import { summaryLines } from './summary.ts'
import { checkWatchFlags } from './watch-flag.ts'

interface BakeRequest {
  readonly load: LoadOptions
  readonly flags: BakeFlags
  readonly memos: MemoFiles | undefined
}

export async function bakeAction(images: readonly string[], flags: BakeFlags): Promise<void> {
  checkServeFlags(flags)
  checkWatchFlags(flags)
  const load: LoadOptions = {
    files: flags.file,
    directory: process.cwd(),
    root: flags.root,
    env: process.env,
    names: images,
    overrides: flags.set ?? [],
    variables: parsePairs('--var', flags.var, process.env),
  }
  favourMemoryForPlan(flags.file, load.directory)
  if (flags.list !== undefined) {
    const { printListing } = await import('./plan-listing.ts')
    return printListing(flags.list, load)
  }
  const request: BakeRequest = { load, flags, memos: flags.cache ? openMemos() : undefined }
  const plan = await openPlan(load, request.memos)
  if (plan.format === 'bake') checkBakeFlags(flags)
  if (flags.lock || flags.updateBases) {
    const { runLock } = await import('./lock.ts')
    return runLock(plan, selectionOf(plan, images, flags), {
      ...flags,
      load,
      insecure: flags.insecureRegistry,
    })
  }
  const resolved = await resolveBake(plan, images, flags)
  if (flags.print) {
    const shown = { ...resolved, images: resolved.images.map((image) => withAttest(image, flags)) }
    process.stdout.write(`${JSON.stringify(printPlan(shown), undefined, 2)}\n`)
    return
  }
  if (flags.check || isCheck(resolved)) {
    const { runCheck } = await import('./check.ts')
    return runCheck(resolved, { format: flags.format, insecure: flags.insecureRegistry })
  }
  await runJob({
    flags,
    first: await readyBake(resolved, request),
    again: async () => {
      const changed = await openPlan(load, request.memos)
      return readyBake(await resolveBake(changed, images, flags), request)
    },
    async report(result, stream) {
      if (flags.metadataFile) await writeMetadata(flags.metadataFile, metadataOf(result))
      return summaryLines(result, stream)
    },
  })
}

function withAttest(image: ResolvedImage, flags: BakeFlags): ResolvedImage {
  return { ...image, attest: attestOptionsOf(flags, image.attest) }
}

function selectionOf({ format }: Plan, images: readonly string[], flags: BakeFlags): Selection {
  return {
    ...(images.length > 0 && format !== 'bake' && { images }),
    ...(flags.hub && { hubs: flags.hub }),
    ...(flags.tag && { tags: flags.tag }),
    ...(flags.variant && { variants: flags.variant }),
    ...(flags.platform && { platforms: flags.platform }),
    args: parsePairs('--build-arg', flags.buildArg, process.env),
    labels: parsePairs('--label', flags.label),
    ...(flags.delegate && { delegate: flags.delegate }),
  }
}

async function resolveBake(plan: Plan, images: readonly string[], flags: BakeFlags): Promise<ResolvedPlan> {
  const selection = selectionOf(plan, images, flags)
  const selected = resolvePlan(plan, selection, { runs: (platform) => runsHere(platform) })
  return withAskedGitLabels(selected, flags)
}

/** Everything that a run needs. @throws Failure */
async function readyBake(resolved: ResolvedPlan, { load, flags, memos }: BakeRequest): Promise<ReadyRun> {
  const { directory } = load
  const { all: outputs, of: outputsOf } = imageOutputs(resolved, flags, directory)
  const pushed = resolved.images.filter((image) => outputsOf(image).some(({ kind }) => kind === 'registry'))
  checkProtectedHubs({ ...resolved, images: pushed }, process.env)
  const lock = await lockOf(resolved, flags, directory)
  return {
    plan: await withLintWarnings(resolved, { command: 'bake', memos }),
    options: {
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
    },
    files: async () =>
      [...(await findPlan(load)), lockPath(resolved.file)].map((file) => resolve(directory, file)),
  }
}
