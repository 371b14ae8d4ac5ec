/** `--check`: lint of all Dockerfiles of a plan, each reported once whatever number of images it makes. */
import { readFileSync } from 'node:fs'
import { isAbsolute, join, relative } from 'node:path'
import { Failure, failureAt, systemCode } from '../base/index.ts'
import type { ResolvedImage, ResolvedPlan, ResolvedPlatform } from '../build/index.ts'
import {
  lintDockerfile,
  parseDockerfile,
  parseIgnore,
  type Finding,
  type IgnoreRules,
  type LintOptions,
} from '../dockerfile/index.ts'
import { hostPlatform } from '../oci/index.ts'

export interface CheckedFile {
  /** as people write it, relative to the working directory where it is below it */
  readonly file: string
  readonly findings: readonly Finding[]
  /** why it cannot be built */
  readonly failure: Failure | undefined
}

type FindBase = NonNullable<LintOptions['base']>

export interface RunCheckOptions {
  /** how findings are printed: text, json or sarif */
  readonly format: string
  /** hosts for which TLS is no must */
  readonly insecure?: readonly string[] | undefined
}

/**
 * Prints what is found; sets exit status 1 when that is anything.
 * @throws Failure of a Dockerfile that cannot be built, after the findings are printed
 */
export async function runCheck(plan: ResolvedPlan, { format, insecure }: RunCheckOptions): Promise<void> {
  const { checkFormatter } = await import('./report/check-report.ts')
  const formatReport = checkFormatter(format)
  const { baseConfigs } = await import('./check-bases.ts')
  const bases = baseConfigs(plan, { insecure })
  const find: FindBase = (image, platform) => bases.find(image, platform)
  // Once to learn which bases there are, once more when they are known.
  checkPlan(plan, { base: find })
  for (const note of await bases.resolve()) process.stderr.write(`note: ${note}\n`)
  const files = checkPlan(plan, { base: find })
  process.stdout.write(formatReport(files))
  const [first, ...others] = files.flatMap(({ failure }) => failure ?? [])
  if (first) {
    const { code, message, at, hint, cause } = first
    throw new Failure(code, message, { at, hint, cause, others })
  }
  if (files.some(({ findings }) => findings.length > 0)) process.exitCode = 1
}

/** All Dockerfiles of the selected images, in the order of the plan. */
function checkPlan(plan: ResolvedPlan, options: Pick<LintOptions, 'base' | 'onlyNeeded'>): CheckedFile[] {
  const images = Map.groupBy(
    plan.images,
    ({ dockerfile, dockerfileInline }) => dockerfileInline ?? dockerfile,
  )
  return [...images.values()].map((users) => checkFile(users, options))
}

/** `images`: all that have the one Dockerfile. */
function checkFile(images: readonly ResolvedImage[], options: LintOptions): CheckedFile {
  const [first] = images
  const { name, dockerfile: path, dockerfileInline: inline } = first!
  const file = inline === undefined ? shownPath(path) : `dockerfile-inline of ${name}`
  const findings = new Map<string, Finding>()
  let failure: Failure | undefined
  try {
    const dockerfile = parseDockerfile(inline ?? readText(path, file), file)
    for (const request of requestsOf(images)) {
      const report = lintDockerfile(dockerfile, { ...request, ...options })
      failure ??= report.failure
      for (const finding of report.findings) findings.set(keyOf(finding), finding)
    }
  } catch (error) {
    failure = asFailure(failureAt(error, first?.dockerfileAt))
  }
  const sorted = [...findings.values()].toSorted(
    (a, b) => a.place.line - b.place.line || a.place.column - b.place.column,
  )
  return { file, findings: sorted, failure }
}

/** What is asked of one Dockerfile: once per set of arguments, target, platform and context. */
function requestsOf(images: readonly ResolvedImage[]): LintOptions[] {
  const requests = new Map<string, LintOptions>()
  for (const image of images) {
    for (const build of image.platforms) {
      const { platform, context, contexts } = build
      const key = JSON.stringify([image.args, image.target, platform, context, Object.keys(contexts)])
      if (!requests.has(key)) requests.set(key, requestOf(image, build))
    }
  }
  return [...requests.values()]
}

function requestOf(image: ResolvedImage, build: ResolvedPlatform): LintOptions {
  return {
    buildArgs: image.args,
    target: image.target,
    targetPlatform: build.platform,
    buildPlatform: hostPlatform(),
    contexts: Object.keys(build.contexts),
    ignore: build.context === undefined ? undefined : readIgnore(image, build.context),
  }
}

/** `<Dockerfile>.dockerignore` beside the Dockerfile, if that is a file, beats `.dockerignore` of the context. */
function readIgnore(
  { dockerfile, dockerfileInline }: ResolvedImage,
  context: string,
): IgnoreRules | undefined {
  const beside = dockerfileInline === undefined ? [`${dockerfile}.dockerignore`] : []
  for (const path of [...beside, join(context, '.dockerignore')]) {
    try {
      return parseIgnore(readFileSync(path, 'utf8'), shownPath(path))
    } catch (error) {
      if (systemCode(error) !== 'ENOENT') throw error
    }
  }
  return undefined
}

/**
 * One warning for each Dockerfile in which lint finds something; nothing when one cannot be built, which the build
 * itself says. Asks nobody for base images.
 * @throws Failure DOCKERFILE_INVALID where the Dockerfile makes findings errors
 */
export function lintWarnings(plan: ResolvedPlan, command: 'build' | 'bake'): string[] {
  return checkPlan(plan, { onlyNeeded: true }).flatMap(({ file, findings, failure }) => {
    const shown = findings.filter(({ rule }) => !isShownByBuild(rule))
    const [first] = shown
    if (first === undefined || failure) return []
    const count = `${shown.length} lint ${shown.length === 1 ? 'warning' : 'warnings'} in ${file}`
    if (first.severity === 'warning') return [`${count} (slipway ${command} --check shows them)`]
    throw new Failure('DOCKERFILE_INVALID', `${file} says error=true, and lint finds: ${first.message}`, {
      at: first.place,
      hint: `slipway ${command} --check shows everything it finds`,
    })
  })
}

/** A build warns of these with their places. */
function isShownByBuild(rule: Finding['rule']): boolean {
  return rule === 'SlipwayJsonForm' || rule === 'SlipwayFlagIgnored' || rule === 'SlipwayOnbuildUnknown'
}

function keyOf({ rule, message, place }: Finding): string {
  return `${rule} ${place.line} ${message}`
}

function readText(path: string, file: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    const why = systemCode(cause) === 'ENOENT' ? 'it does not exist' : String(systemCode(cause) ?? cause)
    throw new Failure('DOCKERFILE_NOT_FOUND', `the Dockerfile ${file} cannot be read: ${why}`, { cause })
  }
}

function asFailure(error: unknown): Failure {
  if (error instanceof Failure) return error
  throw error
}

function shownPath(path: string): string {
  const below = relative(process.cwd(), path)
  return below.startsWith('..') || isAbsolute(below) ? path : below
}
