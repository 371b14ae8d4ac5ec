/** Compose files as targets. */
import type { LookUp } from '../bake/variables.ts'
import type { BakeConfig } from '../bake/target.ts'
import type { PlanFileText } from '../file-texts.ts'
import type { PlanWarning } from '../model.ts'

export function readCompose(
  _files: readonly PlanFileText[],
  _options: {
    readonly lookUp: LookUp
    readonly directory: string
    readonly warn: (warning: PlanWarning) => void
  },
): BakeConfig {
  return { targets: [], groups: [] }
}
