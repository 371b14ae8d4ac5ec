/** Finding and reading a plan file. */
import { existsSync, readFileSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { Failure, fileFailure, systemCode } from '../../base/index.ts'
import { parseYaml } from '../../yaml/index.ts'
import { isIstioPlan, readIstioPlan } from './istio-plan.ts'
import type { Plan } from './model.ts'
import { readSlipwayPlan } from './slipway-plan.ts'

export interface PlanLocation {
  /** path as shown to the user */
  readonly file: string
  readonly path: string
}

const planFiles = ['slipway.yaml', 'slipway.yml', 'docker.yaml', 'tools/docker.yaml']

/**
 * The plan file: `file` (relative to `directory`) when given, else the first of slipway.yaml, slipway.yml,
 * docker.yaml and tools/docker.yaml in `directory`.
 * @throws Failure PLAN_NOT_FOUND, listing the places looked at
 */
export function findPlan(start: {
  readonly file?: string | undefined
  readonly directory: string
}): PlanLocation {
  const candidates = start.file === undefined ? planFiles : [start.file]
  const found = candidates.find((file) => existsSync(resolve(start.directory, file)))
  if (found !== undefined) return { file: found, path: resolve(start.directory, found) }
  if (start.file !== undefined)
    throw new Failure('PLAN_NOT_FOUND', `plan ${start.file} does not exist`, {
      hint: 'name a plan that is there: slipway bake -f FILE',
    })
  throw new Failure(
    'PLAN_NOT_FOUND',
    `no plan in ${start.directory}: looked for ${planFiles.slice(0, -1).join(', ')} and ${planFiles.at(-1)}`,
    { hint: 'change to the folder of the project, or name the plan: slipway bake -f FILE' },
  )
}

/**
 * Reads the plan. The project root is `root` when given, else the nearest folder above the plan that holds `.git`,
 * else `directory`. `env` is the environment that variables of the plan are looked up in.
 * @throws Failure PLAN_NOT_FOUND | PLAN_INVALID | FILE_SYSTEM
 */
export function loadPlan(options: {
  readonly file?: string | undefined
  readonly directory: string
  readonly root?: string | undefined
  readonly env: Readonly<Record<string, string | undefined>>
}): Plan {
  const { file, path } = findPlan(options)
  const document = parseYaml(readText(file, path), file)
  const root =
    options.root === undefined
      ? (repositoryRoot(dirname(path)) ?? resolve(options.directory))
      : resolve(options.directory, options.root)
  const start = { root, env: options.env }
  return isIstioPlan(basename(path), document.value)
    ? readIstioPlan(document, start)
    : readSlipwayPlan(document, start)
}

function readText(file: string, path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (systemCode(error) === 'ENOENT')
      throw new Failure('PLAN_NOT_FOUND', `plan ${file} does not exist`, { cause: error })
    throw fileFailure('read plan', file, error)
  }
}

function repositoryRoot(directory: string): string | undefined {
  let current = directory
  for (;;) {
    if (existsSync(join(current, '.git'))) return current
    const parent = dirname(current)
    if (parent === current) return undefined
    current = parent
  }
}
