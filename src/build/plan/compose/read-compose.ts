/** Compose files as targets: one for each service with a `build` section, and the group `default` of all of them. */
import type { BakeConfig } from '../bake/target.ts'
import type { PlanFileText } from '../file-texts.ts'
import { loadProject, type ProjectOptions } from './load-project.ts'
import { serviceTarget } from './service-target.ts'

/** Services that only have an image need no building. @throws Failure PLAN_INVALID | PLAN_NOT_FOUND | FILE_SYSTEM */
export function readCompose(files: readonly PlanFileText[], options: ProjectOptions): BakeConfig {
  const project = loadProject(files, options)
  const targets = [...project.services].flatMap(
    ([name, service]) => serviceTarget(name, service, { ...options, project }) ?? [],
  )
  const [first] = files
  const at = { file: first!.file, line: 1, column: 1 }
  const names = targets.map(({ name }) => name)
  return { targets, groups: [{ name: 'default', targets: names, description: undefined, at }] }
}
