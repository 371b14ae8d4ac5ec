/** What has to be done for a set of objects to be in the cluster: what `diff` shows is what `apply` does. */
import type { Failure } from '../../base/index.ts'
import type { KubeObject, ObjectId } from '../../kube/index.ts'
import type { Account } from '../set/parent.ts'
import type { FieldChange } from './field-changes.ts'

/**
 * `create`: it is not there. `update`: it is ours and differs. `adopt`: it is nobody's, and becomes ours. `recreate`: it is
 * deleted first, as the change cannot be made in place. `keep`: it is as it should be.
 */
export type StepAction = 'create' | 'update' | 'adopt' | 'recreate' | 'keep'

export interface Step {
  readonly action: StepAction
  /** as it is applied, with the label of its set */
  readonly object: KubeObject
  readonly live: KubeObject | undefined
  /** fields are taken from other managers, as the user has allowed */
  readonly isForced: boolean
  /** of the server's own answer to a dry run; for an object that cannot be tried yet, of what is rendered */
  readonly changes: readonly FieldChange[]
  /** the value stays and only who it belongs to changes */
  readonly isOwnershipOnly: boolean
}

/** An object of the set that is no longer rendered. */
export interface Removal {
  readonly object: KubeObject
  /** why it stays; nothing for one that is deleted */
  readonly keptBecause: string | undefined
}

export interface Plan {
  readonly parent: ObjectId
  readonly setId: string
  /** of what is there; nothing for a new installation */
  readonly account: Account | undefined
  /** in the order in which they are applied */
  readonly steps: readonly Step[]
  readonly removals: readonly Removal[]
  /** what stands against it: nothing is written as long as there is one */
  readonly problems: readonly Failure[]
}

/** Whether applying the plan would write to any object of the set. */
export function changesAnything({ steps, removals }: Pick<Plan, 'steps' | 'removals'>): boolean {
  return (
    steps.some(({ action }) => action !== 'keep') ||
    removals.some(({ keptBecause }) => keptBecause === undefined)
  )
}
