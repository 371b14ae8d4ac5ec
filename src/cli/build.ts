/** What `slipway build` does. */
import { resolve } from 'node:path'
import { writeFileAtomically } from '../base/index.ts'
import type { ResolvedPlan } from '../build/index.ts'
import type { MemoFiles } from '../store/index.ts'
import { attestFor, signOptionsOf } from './attest-request.ts'
import type { BuildFlags } from './build-flags.ts'
import { withAskedGitLabels } from './git-label-flags.ts'
import { runJob, type ReadyRun } from './job.ts'
import { withLintWarnings } from './lint-warnings.ts'
import { openMemos } from './memos.ts'
import { metadataOf, writeMetadata } from './metadata.ts'
import { noClobberOf } from './no-clobber-flag.ts'
import { checkOutputs, parseOutputs } from './outputs.ts'
import { checkServeFlags } from './serve-flag.ts'
import { singleImagePlan } from './single-image.ts'
import { summaryLines } from './summary.ts'
import { checkWatchFlags } from './watch-flag.ts'

export async function buildAction(context: string, flags: BuildFlags): Promise<void> {
  checkServeFlags(flags)
  checkWatchFlags(flags)
  const plan = await singlePlan(context, flags)
  if (flags.check) {
    const { runCheck } = await import('./check.ts')
    return runCheck(plan, { format: flags.format, insecure: flags.insecureRegistry })
  }
  const memos = flags.cache ? openMemos() : undefined
  await runJob({
    flags,
    first: await readyBuild(plan, flags, memos),
    again: async () => readyBuild(await singlePlan(context, flags), flags, memos),
    async report(result, stream) {
      const [image] = result.images
      const { digest } = image!.top.descriptor
      if (flags.metadataFile) await writeMetadata(flags.metadataFile, Object.values(metadataOf(result))[0])
      if (flags.iidfile) await writeFileAtomically(flags.iidfile, digest)
      return flags.progress === 'quiet' ? [digest] : [...summaryLines(result, stream), digest]
    },
  })
}

async function singlePlan(context: string, flags: BuildFlags): Promise<ResolvedPlan> {
  const directory = process.cwd()
  const plan = singleImagePlan(context, flags, { directory, env: process.env })
  return withAskedGitLabels(plan, flags, resolve(directory, context))
}

/** Everything that a run needs. @throws Failure */
async function readyBuild(
  plan: ResolvedPlan,
  flags: BuildFlags,
  memos: MemoFiles | undefined,
): Promise<ReadyRun> {
  const directory = process.cwd()
  const outputs = parseOutputs(flags, directory, directory)
  checkOutputs(outputs, plan)
  return {
    plan: await withLintWarnings(plan, { command: 'build', memos }),
    options: {
      memos,
      outputs,
      progress: flags.progress,
      noCache: !flags.cache,
      insecure: flags.insecureRegistry,
      noClobber: noClobberOf(flags, plan),
      attest: attestFor(flags, plan.images),
      sign: signOptionsOf(flags, outputs),
    },
    files: async () => [],
  }
}
