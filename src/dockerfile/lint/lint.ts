/** `slipway build --check`: BuildKit's build checks (https://docs.docker.com/reference/build-checks/) and our own. */
import { Failure } from '../../base/index.ts'
import type { Dockerfile } from '../instruction.ts'
import { splitStages } from '../stages.ts'
import { checkCasing, checkFromCasing } from './casing.ts'
import type { LintOptions, LintReport } from './finding.ts'
import { checkDefaultImages, checkFrom } from './from-words.ts'
import { orReport, platformsOf, platformValues, readGlobals } from './globals.ts'
import { findStage, parentsOf, reachableFrom } from './origins.ts'
import { newReport, type Report } from './report.ts'
import { checkMaintainers } from './setting-rules.ts'
import { checkNumericUser, checkWarnings } from './slipway-rules.ts'
import { newSpeller } from './spelling.ts'
import { checkDescriptions, checkStageNames } from './stage-names.ts'
import { walkStages } from './stage-walk.ts'
import { allOff, fileSwitches } from './switches.ts'

/**
 * Checks a Dockerfile by all rules that are on. Never throws: what keeps a build from beginning is `failure` of the
 * report, as far as lint meets it. Time is linear in the file. Pure.
 */
export function lintDockerfile(dockerfile: Dockerfile, options: LintOptions = {}): LintReport {
  const given = options.buildArgs ?? {}
  const switches = fileSwitches(dockerfile, given['BUILDKIT_DOCKERFILE_CHECK'])
  const report = newReport(typeof switches === 'string' ? allOff : switches)
  if (typeof switches === 'string') {
    const at = dockerfile.directives.find(({ name }) => name === 'check')?.place
    report.fail(
      new Failure('DOCKERFILE_INVALID', switches, { at, hint: 'write # check=skip=RULE;error=true' }),
    )
    return report.finish()
  }
  checkInstructions(dockerfile, report)
  const split = orReport(report, () => splitStages(dockerfile))
  if (split) checkStages(dockerfile, split, options, report)
  return report.finish()
}

function checkInstructions(dockerfile: Dockerfile, report: Report): void {
  checkWarnings(dockerfile, report)
  checkMaintainers(dockerfile.instructions, report)
  checkDescriptions(dockerfile.instructions, report)
}

function checkStages(
  dockerfile: Dockerfile,
  { globalArgs, stages }: ReturnType<typeof splitStages>,
  options: LintOptions,
  report: Report,
): void {
  const { escape, file } = dockerfile
  const { buildArgs: given = {}, contexts = [], target, onlyNeeded = false } = options
  for (const stage of stages) checkFromCasing(stage, report)
  checkStageNames(stages, report)
  checkCasing(stages, report)
  const platforms = platformsOf(options)
  const start = platformValues(platforms, target ?? stages.at(-1)?.name ?? 'default', given)
  checkDefaultImages(stages, { globalArgs }, { start, escape, report })
  const globals = readGlobals({ globalArgs }, start, { given, escape, report })
  const speller = newSpeller()
  const froms = stages.map((stage) =>
    checkFrom(stage, { globals, escape, report, speller, host: platforms.build }),
  )
  const parents = parentsOf(stages, froms, new Set(contexts.map((name) => name.toLowerCase())))
  const last = target === undefined ? stages.length - 1 : findStage(stages, target)
  if (last === undefined) {
    report.fail(new Failure('DOCKERFILE_INVALID', `there is no stage "${target}" in ${file}`))
    return
  }
  const reachable =
    target === undefined && !onlyNeeded ? new Set(stages.keys()) : reachableFrom(last, stages, parents)
  checkNumericUser(stages[last]!, report)
  walkStages({ dockerfile, options, platforms, globals, stages, froms, parents, reachable, report, speller })
}
