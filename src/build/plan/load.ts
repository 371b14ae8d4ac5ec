/** Finding and reading plan files. */
import { existsSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import { Failure } from '../../base/index.ts'
import { parseYaml, type YamlDocument } from '../../yaml/index.ts'
import { findBakeFiles } from './bake/bake-files.ts'
import { readPlanFile, type PlanFileText } from './file-texts.ts'
import { isIstioPlan, readIstioPlan } from './istio-plan.ts'
import type { Plan } from './model.ts'
import { overridePlan } from './override-plan.ts'
import { parseOverrides } from './overrides.ts'
import { projectRoot } from './project-root.ts'
import { readSlipwayPlan } from './slipway-plan.ts'

/** Plans of one file. */
const planFiles = ['slipway.yaml', 'slipway.yml', 'docker.yaml', 'tools/docker.yaml']

export interface LoadOptions {
  /** paths relative to `directory`, `-` for the standard input; absent: what is found in it */
  readonly files?: readonly string[] | undefined
  readonly directory: string
  readonly root?: string | undefined
  /** environment that variables of the plan are looked up in */
  readonly env: Readonly<Record<string, string | undefined>>
  /** what is to be built; bake files have other targets left unread */
  readonly names?: readonly string[]
  /** `--set` values */
  readonly overrides?: readonly string[]
  /** variables of bake files, above the environment */
  readonly variables?: Readonly<Record<string, string>>
}

/**
 * The plan files: `files` when given, else the first of slipway.yaml, slipway.yml, docker.yaml and tools/docker.yaml in
 * `directory`, else all compose and bake files there, which are read as one.
 * @throws Failure PLAN_NOT_FOUND, listing the places looked at
 */
export function findPlan({
  files,
  directory,
  env,
}: Pick<LoadOptions, 'files' | 'directory' | 'env'>): readonly string[] {
  if (files && files.length > 0) return files
  const own = planFiles.find((file) => existsSync(resolve(directory, file)))
  if (own !== undefined) return [own]
  const found = findBakeFiles(directory, env)
  if (found.length > 0) return found
  throw new Failure(
    'PLAN_NOT_FOUND',
    `no plan in ${directory}: looked for ${planFiles.join(', ')}, and for compose.yaml, docker-bake.hcl and the like`,
    { hint: 'change to the folder of the project, or name the plan: slipway bake -f FILE' },
  )
}

/**
 * Reads the plan. The project root of slipway.yaml and docker.yaml is `root` when given, else the nearest folder above
 * the plan that holds `.git`, else `directory`; that of bake and compose files is `root`, else `directory`.
 * @throws Failure PLAN_NOT_FOUND | PLAN_INVALID | FILE_SYSTEM | USAGE
 */
export async function loadPlan(options: LoadOptions): Promise<Plan> {
  const files = findPlan(options).map((file) => readPlanFile(file, options.directory))
  const [first] = files
  const document = files.length === 1 ? ownDocument(first!) : undefined
  if (!document) {
    // Other plans start sooner without the reader of HCL.
    const { loadBakePlan } = await import('./bake/load-bake.ts')
    return loadBakePlan(files, options)
  }
  const { env, overrides = [], variables = {} } = options
  const root = projectRoot(first!.path, options)
  const [variable] = Object.keys(variables)
  if (variable !== undefined)
    throw new Failure(
      'USAGE',
      `--var ${variable} is for bake and compose files, and ${first!.file} is none`,
      {
        hint: `set it in the environment, or as a build argument: --build-arg ${variable}=…`,
      },
    )
  const plan = isIstioPlan(basename(first!.path), document.value)
    ? readIstioPlan(document, { root, env })
    : readSlipwayPlan(document, { root, env })
  const targets = plan.images.map(({ name }) => name)
  return overridePlan(plan, parseOverrides(overrides, { targets, file: plan.file, env }))
}

/** Whether the files are bake and compose files. @throws Failure PLAN_INVALID */
export function isBakePlan(files: readonly PlanFileText[]): boolean {
  return files.length !== 1 || ownDocument(files[0]!) === undefined
}

/** The document of slipway.yaml or docker.yaml; nothing for bake and compose files. */
function ownDocument({ file, path, text }: PlanFileText): YamlDocument | undefined {
  if (!/\.ya?ml$/i.test(file)) return undefined
  if (/^(?:docker-)?compose\b.*\.ya?ml$/i.test(basename(path))) return undefined
  if (!/^(?:slipway|docker)\.ya?ml$/.test(basename(path)) && /^(?:services|include)\s*:/m.test(text))
    return undefined
  return parseYaml(text, file)
}
