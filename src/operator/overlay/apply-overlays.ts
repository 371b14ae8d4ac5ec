/** All overlays of an installation, one after the other: the last one wins. */
import { Failure, nearest } from '../../base/index.ts'
import {
  anyShape,
  formatObject,
  type KubeObject,
  type KubeSchema,
  type ObjectMeta,
} from '../../kube/index.ts'
import type { Overlay } from '../installation/installation.ts'
import { refuseProtected, refuseProtectedFields } from './identity.ts'
import { applyJsonPatch, touchedPaths } from './json-patch.ts'
import { formatTarget, matchesTarget } from './match-target.ts'
import { mergePatch } from './merge.ts'
import { OverlayProblem } from './overlay-problem.ts'

/** @throws Failure OVERLAY_INVALID with the overlay's number, at its place */
export function applyOverlays(
  objects: readonly KubeObject[],
  overlays: readonly Overlay[],
  schema: KubeSchema,
): KubeObject[] {
  let current = [...objects]
  for (const overlay of overlays) {
    const matching = current.filter((object) => matchesTarget(object, overlay.target))
    if (matching.length === 0) throw unmatched(overlay, current)
    current = current.flatMap((object) =>
      matching.includes(object) ? applyOverlay(object, overlay, schema) : [object],
    )
  }
  return current
}

function unmatched(overlay: Overlay, objects: readonly KubeObject[]): Failure {
  const sameKind = objects.filter(({ kind }) => kind === overlay.target.kind)
  const near = nearest(
    overlay.target.kind,
    objects.map(({ kind }) => kind),
  )
  return new Failure(
    'OVERLAY_INVALID',
    `${overlay.label} matches nothing: there is no ${formatTarget(overlay.target)}`,
    {
      at: overlay.placeOf('target'),
      hint:
        sameKind.length > 0
          ? `there is ${sameKind.map(formatObject).join(', ')}`
          : near
            ? `did you mean "${near}"?`
            : `the kinds are ${[...new Set(objects.map(({ kind }) => kind))].join(', ')}`,
    },
  )
}

function applyOverlay(object: KubeObject, overlay: Overlay, schema: KubeSchema): KubeObject[] {
  try {
    const changed = patched(object, overlay, schema)
    return changed ? [changed] : []
  } catch (error) {
    if (!(error instanceof OverlayProblem)) throw error
    throw new Failure(
      'OVERLAY_INVALID',
      `${overlay.label} cannot be applied to ${formatObject(object)}: ${error.message}`,
      { at: overlay.placeOf('patch', ...error.path), hint: error.hint },
    )
  }
}

/** Nothing for an object that the overlay drops. */
function patched(object: KubeObject, { type, patch }: Overlay, schema: KubeSchema): KubeObject | undefined {
  if (type === 'json') {
    for (const { path, index } of touchedPaths(patch)) refuseProtected(path, [index, 'path'])
    return applyJsonPatch(object, patch) as KubeObject
  }
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch))
    throw new OverlayProblem('the patch must be a part of an object', [])
  const fields = patch as Readonly<Record<string, unknown>>
  if (fields['$patch'] === 'delete') {
    if (Object.keys(fields).length > 1)
      throw new OverlayProblem('$patch: delete drops the whole object and goes with nothing else', [])
    return undefined
  }
  refuseProtectedFields(fields, object)
  if (type === 'replace') return replaced(object, fields)
  if (Object.keys(fields).length === 0) throw new OverlayProblem('the patch is empty', [])
  const shape = schema.find(object)?.shape ?? anyShape
  return mergePatch(object, fields, shape) as KubeObject
}

/** Labels and annotations are replaced as well, but for those that are protected. */
function replaced(object: KubeObject, fields: Readonly<Record<string, unknown>>): KubeObject {
  const { apiVersion, kind, metadata } = object
  const { labels, annotations, ...identity } = metadata
  const given = (fields['metadata'] ?? {}) as Partial<ObjectMeta>
  return {
    ...fields,
    apiVersion,
    kind,
    metadata: {
      ...identity,
      ...('labels' in given ? { labels: given.labels } : labels && { labels }),
      ...('annotations' in given ? { annotations: given.annotations } : annotations && { annotations }),
    },
  }
}
