/** Whose an object is, and which of its fields are whose. */
import { Failure } from '../../base/index.ts'
import {
  conflictingManager,
  formatObject,
  type ApiFailure,
  type FieldSet,
  type KubeObject,
  type ManagedFieldsEntry,
} from '../../kube/index.ts'
import type { Target, TakeOver } from '../installation/installation.ts'
import { matchesTarget } from '../overlay/match-target.ts'
import { setOf, toolName } from '../set/apply-set.ts'

/** `ours`: of this installation. `adopted`: nobody's, and the user has named it in `adopt`. */
export type Ownership = 'ours' | 'adopted'

/** @throws Failure OBJECT_NOT_OURS */
export function ownershipOf(
  live: KubeObject,
  { setId, adopt }: { readonly setId: string; readonly adopt: readonly Target[] },
): Ownership {
  const set = setOf(live)
  if (set === setId) return 'ours'
  const what = `${formatObject(live)} exists already`
  if (set !== undefined)
    throw new Failure('OBJECT_NOT_OURS', `${what} and is part of another installation (${set})`, {
      hint: 'give this installation another name, or eject the other one first',
    })
  if (adopt.some((target) => matchesTarget(live, target))) return 'adopted'
  throw new Failure('OBJECT_NOT_OURS', `${what} and was not made by this installation${makers(live)}`, {
    hint: `to make it part of the installation run slipway operator adopt, or name it in the file: adopt: [{kind: ${live.kind}, name: ${live.metadata.name}}]`,
  })
}

function makers({ metadata }: KubeObject): string {
  const managers = [...new Set((metadata.managedFields ?? []).map(({ manager }) => manager))]
  return managers.length === 0 ? '' : ` (its fields are managed by ${managers.join(', ')})`
}

/** Whether the user lets us have every field of a conflict. */
export function mayTake(live: KubeObject, conflict: ApiFailure, takeOver: readonly TakeOver[]): boolean {
  const allowed = takeOver.filter((target) => matchesTarget(live, target))
  const fields = conflict.causes.filter(({ reason }) => reason === 'FieldManagerConflict')
  return (
    fields.length > 0 &&
    fields.every(({ field }) =>
      allowed.some((target) => !target.fields || target.fields.some((own) => covers(own, field))),
    )
  )
}

/** Whether a conflict is with these managers alone: who adopts what they have applied wants it from them. */
export function isAgainst({ causes }: ApiFailure, managers: readonly string[]): boolean {
  const others = causes
    .filter(({ reason }) => reason === 'FieldManagerConflict')
    .map(({ message }) => conflictingManager(message))
  return others.length > 0 && others.every((manager) => manager !== undefined && managers.includes(manager))
}

/** `spec.replicas` stands for `.spec.replicas` and everything below it. */
function covers(own: string, field: string): boolean {
  const dotted = own.startsWith('.') ? own : `.${own}`
  return field === dotted || field.startsWith(`${dotted}.`) || field.startsWith(`${dotted}[`)
}

/** What belongs to us of an object, as the server keeps it. */
export function ownFields({ metadata }: KubeObject): FieldSet | undefined {
  return metadata.managedFields?.find(isOurEntry)?.fieldsV1
}

export function isOurEntry({ manager, operation, subresource }: ManagedFieldsEntry): boolean {
  return manager === toolName && operation === 'Apply' && !subresource
}

/** Whether somebody but us has set a field of the object itself; what controllers say in its status does not count. */
export function hasOtherManagers({ metadata }: KubeObject): boolean {
  return (metadata.managedFields ?? []).some((entry) => !isOurEntry(entry) && !entry.subresource)
}
