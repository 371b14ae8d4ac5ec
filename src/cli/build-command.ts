/** `slipway build`: one image from one Dockerfile, with Docker's flags. */
import { resolve } from 'node:path'
import type { Command } from 'commander'
import type { BuildFlags } from './build-flags.ts'
import { addAttestFlags } from './attest-flags.ts'
import { addCheckFlags } from './check-flags.ts'
import { addDelegateFlag } from './delegate-flag.ts'
import { addGitLabelFlags, withAskedGitLabels } from './git-label-flags.ts'
import { addNoClobberFlag, noClobberOf } from './no-clobber-flag.ts'
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
  addOutputFlags(command)
  command.action((context: string, flags: BuildFlags) => buildAction(context, flags))
}

async function buildAction(context: string, flags: BuildFlags): Promise<void> {
  const { singleImagePlan } = await import('./single-image.ts')
  const directory = process.cwd()
  const single = singleImagePlan(context, flags, { directory, env: process.env })
  const plan = await withAskedGitLabels(single, flags, resolve(directory, context))
  const { runCheck, withLintWarnings } = await import('./check.ts')
  if (flags.check) return runCheck(plan, flags.format)
  const { checkOutputs, parseOutputs } = await import('./outputs.ts')
  const outputs = parseOutputs(flags, directory, directory)
  checkOutputs(outputs, plan)
  const { attestFor, signOptionsOf } = await import('./attest-request.ts')
  const { runBake } = await import('./run.ts')
  const result = await runBake(withLintWarnings(plan, 'build'), {
    outputs,
    progress: flags.progress,
    noCache: !flags.cache,
    insecure: flags.insecureRegistry,
    noClobber: noClobberOf(flags, plan),
    attest: attestFor(flags, plan.images),
    sign: signOptionsOf(flags, outputs),
  })
  const { metadataOf, writeMetadata } = await import('./metadata.ts')
  const [image] = result.images
  const { digest } = image!.top.descriptor
  if (flags.metadataFile) await writeMetadata(flags.metadataFile, Object.values(metadataOf(result))[0])
  if (flags.iidfile) {
    const { writeFileAtomically } = await import('../store/index.ts')
    await writeFileAtomically(flags.iidfile, digest)
  }
  const { summaryLines } = await import('./summary.ts')
  const { takesStandardOutput } = await import('./output.ts')
  const stream = takesStandardOutput(outputs) ? process.stderr : process.stdout
  const lines = flags.progress === 'quiet' ? [digest] : [...summaryLines(result, stream), digest]
  stream.write(`${lines.join('\n')}\n`)
}
