/** What `slipway build` does. */
import { resolve } from 'node:path'
import { writeFileAtomically } from '../base/index.ts'
import { attestFor, signOptionsOf } from './attest-request.ts'
import type { BuildFlags } from './build-flags.ts'
import { withAskedGitLabels } from './git-label-flags.ts'
import { withLintWarnings } from './lint-warnings.ts'
import { openMemos } from './memos.ts'
import { metadataOf, writeMetadata } from './metadata.ts'
import { noClobberOf } from './no-clobber-flag.ts'
import { takesStandardOutput } from './output.ts'
import { checkOutputs, parseOutputs } from './outputs.ts'
import { runBake } from './run.ts'
import { singleImagePlan } from './single-image.ts'
import { summaryLines } from './summary.ts'

export async function buildAction(context: string, flags: BuildFlags): Promise<void> {
  const directory = process.cwd()
  const single = singleImagePlan(context, flags, { directory, env: process.env })
  const plan = await withAskedGitLabels(single, flags, resolve(directory, context))
  if (flags.check) {
    const { runCheck } = await import('./check.ts')
    return runCheck(plan, flags.format)
  }
  const outputs = parseOutputs(flags, directory, directory)
  checkOutputs(outputs, plan)
  const memos = flags.cache ? openMemos() : undefined
  const result = await runBake(await withLintWarnings(plan, { command: 'build', memos }), {
    memos,
    outputs,
    progress: flags.progress,
    noCache: !flags.cache,
    insecure: flags.insecureRegistry,
    noClobber: noClobberOf(flags, plan),
    attest: attestFor(flags, plan.images),
    sign: signOptionsOf(flags, outputs),
  })
  const [image] = result.images
  const { digest } = image!.top.descriptor
  if (flags.metadataFile) await writeMetadata(flags.metadataFile, Object.values(metadataOf(result))[0])
  if (flags.iidfile) await writeFileAtomically(flags.iidfile, digest)
  const stream = takesStandardOutput(outputs) ? process.stderr : process.stdout
  const lines = flags.progress === 'quiet' ? [digest] : [...summaryLines(result, stream), digest]
  stream.write(`${lines.join('\n')}\n`)
}
