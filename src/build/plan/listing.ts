/** What there is in plan files: for `bake --list`. */
import { nameOfType, toPlain } from '../../hcl/index.ts'
import { readBakeFiles } from './bake/load-bake.ts'
import { textOf } from './bake/target.ts'
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
export function listPlan(options: LoadOptions): PlanListing {
  const files = findPlan(options).map((file) => readPlanFile(file, options.directory))
  if (!isBakePlan(files)) {
    const plan = loadPlan(options)
    const groups = Array.from(plan.groups.keys(), (name) => ({ name, group: true }))
    return { targets: [...groups, ...plan.images.map(({ name }) => ({ name }))], variables: [] }
  }
  const { groups, targets, variables } = readBakeFiles(files, options)
  return {
    targets: [
      ...groups.map(({ name, description }) => ({ name, group: true, ...(description && { description }) })),
      ...targets.map((target) => {
        const description = textOf(target, 'description')
        return { name: target.name, ...(description && { description }) }
      }),
    ].toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    variables: variables
      .map(({ name, value, block, description }) => ({
        name,
        ...(block.type && { type: nameOfType(block.type) }),
        ...(value !== null && { value: typeof value === 'string' ? value : JSON.stringify(toPlain(value)) }),
        ...(description && { description }),
      }))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1)),
  }
}
