/** What the CRDs say in CEL (`x-kubernetes-validations`), as typed rules: one file per kind. */
import type { GroupKind } from '../object.ts'
import type { Issue } from './issue.ts'

/** Everything of a spec, with defaults, that breaks a rule of its kind. */
export function checkRules(groupKind: GroupKind, spec: unknown): Issue[] {
  return rules[groupKind]?.(spec) ?? []
}

const rules: Readonly<Record<GroupKind, (spec: unknown) => Issue[]>> = {}
