/** What there is in plan files: for `bake --list`. */
import { readPlanFile } from './file-texts.ts'
import { findPlan, isBakePlan, loadPlan, type LoadOptions } from './load.ts'

export interface PlanListing {
  readonly targets: readonly {
    readonly name: string
    readonly description?: string
    readonly group?: boolean
  }[]
  readonly variables: readonly {
    readonly name: string
    readonly type?: string
    readonly value?: string
    readonly description?: string
  }[]
}

/** @throws Failure PLAN_NOT_FOUND | PLAN_INVALID */
export async function listPlan(options: LoadOptions): Promise<PlanListing> {
  const files = findPlan(options).map((file) => readPlanFile(file, options.directory))
  if (!isBakePlan(files)) {
    const plan = await loadPlan(options)
    const groups = Array.from(plan.groups.keys(), (name) => ({ name, group: true }))
    return { targets: [...groups, ...plan.images.map(({ name }) => ({ name }))], variables: [] }
  }
  const { listBake } = await import('./bake/list-bake.ts')
  return listBake(files, options)
}
