/** managedFields rewritten: the only way to hand fields from one manager to another without applying anything. */
import type { FieldSet, KubeObject, ManagedFieldsEntry } from '../../kube/index.ts'
import { isOurEntry } from '../plan/ownership.ts'
import { toolName } from '../set/apply-set.ts'
import { joinFields, subtractFields } from './field-sets.ts'

/** Under these names kubectl sets fields; `before-first-apply` stands for all that came before any apply. */
export const kubectlManagers: readonly string[] = [
  'kubectl',
  'kubectl-client-side-apply',
  'kubectl-create',
  'kubectl-edit',
  'before-first-apply',
]

/**
 * What we have applied is ours alone: the managers no longer have it too, so that a field we stop applying goes away.
 * What they have set besides stays theirs.
 */
export function takenFrom(object: KubeObject, managers: readonly string[]): ManagedFieldsEntry[] {
  const entries = object.metadata.managedFields ?? []
  const own = entries.find(isOurEntry)?.fieldsV1 ?? {}
  return entries.flatMap((entry) => {
    if (isOurEntry(entry) || entry.subresource || !managers.includes(entry.manager)) return [entry]
    const rest = subtractFields(entry.fieldsV1 ?? {}, own)
    return Object.keys(rest).length === 0 ? [] : [{ ...entry, fieldsV1: rest }]
  })
}

/** What is ours becomes what `manager` has applied, but for one label. */
export function givenTo(object: KubeObject, manager: string, label: string): ManagedFieldsEntry[] {
  const entries = object.metadata.managedFields ?? []
  const own = entries.find(isOurEntry)
  if (!own) return [...entries]
  const fields = subtractFields(own.fieldsV1 ?? {}, labelFields(label))
  const theirs = entries.find((entry) => isAppliedBy(entry, manager))
  const joined = { ...own, ...theirs, manager, fieldsV1: joinFields(fields, theirs?.fieldsV1 ?? {}) }
  return [...entries.filter((entry) => entry !== own && entry !== theirs), joined]
}

export function isAppliedBy({ manager, operation, subresource }: ManagedFieldsEntry, name: string): boolean {
  return manager === name && operation === 'Apply' && !subresource
}

/** What we, or else `manager`, have applied of an object. */
export function appliedFields({ metadata }: KubeObject, manager: string): FieldSet | undefined {
  const entries = metadata.managedFields ?? []
  const own = entries.find((entry) => isAppliedBy(entry, toolName))
  return (own ?? entries.find((entry) => isAppliedBy(entry, manager)))?.fieldsV1
}

function labelFields(label: string): FieldSet {
  return { 'f:metadata': { 'f:labels': { [`f:${label}`]: {} } } }
}
