/** What overlays must leave alone: who an object is, who it belongs to, and what others say of it. */
import { OverlayProblem, formatPath } from './overlay-problem.ts'

const metadata = new Set([
  'name',
  'namespace',
  'generateName',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'selfLink',
  'ownerReferences',
  'finalizers',
  'managedFields',
])

const prefixes = ['applyset.kubernetes.io/', 'slipway.dev/']

/** Whether a path leads to something that is protected, or to something that holds it. */
export function isProtected([top, field, key]: readonly (string | number)[]): boolean {
  if (top === undefined || top === 'apiVersion' || top === 'kind' || top === 'status') return true
  if (top !== 'metadata') return false
  if (field === undefined || metadata.has(String(field))) return true
  if (field !== 'labels' && field !== 'annotations') return false
  return key !== undefined && prefixes.some((prefix) => String(key).startsWith(prefix))
}

/** @throws OverlayProblem */
export function refuseProtected(path: readonly (string | number)[], at: readonly (string | number)[]): void {
  if (!isProtected(path)) return
  throw new OverlayProblem(
    `${formatPath(path)} cannot be changed by an overlay: it is part of what the object is`,
    at,
  )
}

/** The same for a partial object: `metadata` and the top are only ways to what is changed. */
export function refuseProtectedFields(patch: unknown, unchanged: Readonly<Record<string, unknown>>): void {
  const top = fieldsOf(patch)
  for (const [name, value] of Object.entries(top)) {
    if (name === '$patch') continue
    if (name === 'metadata') checkMetadata(fieldsOf(value), fieldsOf(unchanged['metadata']))
    // Whoever writes a whole object names it too, which changes nothing.
    else if (value !== unchanged[name]) refuseProtected([name], [name])
  }
}

function checkMetadata(
  patch: Readonly<Record<string, unknown>>,
  unchanged: Readonly<Record<string, unknown>>,
): void {
  for (const [field, value] of Object.entries(patch)) {
    if (field === 'labels' || field === 'annotations') {
      for (const key of Object.keys(fieldsOf(value)))
        refuseProtected(['metadata', field, key], ['metadata', field, key])
    } else if (value !== unchanged[field]) refuseProtected(['metadata', field], ['metadata', field])
  }
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {}
}
