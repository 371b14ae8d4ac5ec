/** Bake and compose files together as one plan. */
import { resolve } from 'node:path'
import { Failure } from '../../../base/index.ts'
import { readCompose } from '../compose/read-compose.ts'
import type { PlanFileText } from '../file-texts.ts'
import type { LoadOptions } from '../load.ts'
import type { Plan, PlanWarning } from '../model.ts'
import { parseOverrides } from '../overrides.ts'
import { isComposeFile } from './bake-files.ts'
import { bakePlan } from './bake-plan.ts'
import type { BakeVariable } from './evaluator.ts'
import { readBake } from './read-bake.ts'
import { resolveBake, type ResolvedBake } from './resolve-target.ts'
import { mergeConfigs, type BakeConfig } from './target.ts'

export interface LoadedBake extends BakeConfig {
  readonly variables: readonly BakeVariable[]
  readonly warnings: readonly PlanWarning[]
}

/** Compose files first, then bake files, as buildx has it. @throws Failure PLAN_INVALID */
export function readBakeFiles(
  files: readonly PlanFileText[],
  { env, directory, variables = {} }: Pick<LoadOptions, 'env' | 'directory' | 'variables'>,
): LoadedBake {
  const warnings: PlanWarning[] = []
  const warn = (warning: PlanWarning): void => void warnings.push(warning)
  const isLookedUp = !/^(?:1|t|true)$/i.test(env['BUILDX_BAKE_DISABLE_VARS_ENV_LOOKUP'] ?? '')
  const given = new Map(Object.entries(variables))
  const lookUp = (name: string): string | undefined => given.get(name) ?? (isLookedUp ? env[name] : undefined)
  const compose = files.filter(({ file }) => isComposeFile(file))
  const bake = files.filter(({ file }) => !isComposeFile(file))
  const composed = compose.length > 0 ? [readCompose(compose, { lookUp, directory, warn })] : []
  const baked = bake.length > 0 ? readBake(bake, { lookUp, warn }) : undefined
  const merged = mergeConfigs([...composed, ...(baked ? [baked] : [])])
  if (merged.targets.length === 0) throw nothingToBuild(files)
  return { ...merged, variables: baked?.variables ?? [], warnings }
}

function nothingToBuild(files: readonly PlanFileText[]): Failure {
  const names = files.map(({ file }) => file).join(', ')
  return new Failure(
    'PLAN_INVALID',
    `nothing can be built of ${names}: there is no target and no service with a build section`,
  )
}

/** @throws Failure PLAN_INVALID | PLAN_SELECTION | USAGE */
export function loadBakePlan(files: readonly PlanFileText[], options: LoadOptions): Plan {
  const file = files.map((one) => one.file).join(', ')
  const config = readBakeFiles(files, options)
  const { directory, root, env } = options
  return bakePlan(resolveLoaded(config, file, options), {
    root: resolve(directory, root ?? '.'),
    env,
    file,
    warnings: config.warnings,
  })
}

export function resolveLoaded(
  config: BakeConfig,
  file: string,
  { names = [], overrides = [], env }: Pick<LoadOptions, 'names' | 'overrides' | 'env'>,
): ResolvedBake {
  const targets = config.targets.map(({ name }) => name)
  return resolveBake(config, { names, file, overrides: parseOverrides(overrides, { targets, file, env }) })
}
