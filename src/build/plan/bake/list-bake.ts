/** What there is in bake and compose files. */
import { nameOfType, toPlain } from '../../../hcl/index.ts'
import type { PlanFileText } from '../file-texts.ts'
import type { PlanListing } from '../listing.ts'
import type { LoadOptions } from '../load.ts'
import { readBakeFiles } from './load-bake.ts'
import { textOf } from './target.ts'

/** By name. @throws Failure PLAN_INVALID */
export function listBake(files: readonly PlanFileText[], options: LoadOptions): PlanListing {
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
