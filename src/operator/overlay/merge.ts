/**
 * A partial object merged into a whole one as server-side apply merges what another manager applies: maps field by field,
 * keyed lists item by item, everything else as a whole. `null` removes a field, `$patch: delete` an item of a keyed list,
 * `$patch: replace` makes a map, or a list whose first item it is, replace what is there.
 */
import { formatItemKey, itemKey, type KeyedShape, type Shape } from '../../kube/index.ts'
import type { PathSegment } from '../../yaml/index.ts'
import { formatPath, OverlayProblem } from './overlay-problem.ts'

type Path = readonly PathSegment[]
type Fields = Readonly<Record<string, unknown>>

/** @throws OverlayProblem for what is to be removed and is not there */
export function mergePatch(base: unknown, patch: unknown, shape: Shape, path: Path = []): unknown {
  if (isFields(patch)) {
    if ('$patch' in patch) return mergeDirective(base, patch, shape, path)
    const isWhole = (shape.type === 'struct' || shape.type === 'map') && shape.isAtomic
    return isWhole ? withoutNulls(patch, path) : mergeFields(isFields(base) ? base : {}, patch, shape, path)
  }
  if (!Array.isArray(patch)) return patch
  const [first, ...rest] = patch as readonly unknown[]
  if (isFields(first) && first['$patch'] === 'replace') return rest
  if (shape.type === 'keyed') return mergeKeyed(Array.isArray(base) ? base : [], patch, shape, path)
  if (shape.type === 'set') return [...new Set([...(Array.isArray(base) ? base : []), ...patch])]
  return patch
}

function mergeDirective(base: unknown, { $patch, ...rest }: Fields, shape: Shape, path: Path): unknown {
  if ($patch === 'replace') return withoutNulls(rest, path)
  if ($patch === 'merge') return mergePatch(base, rest, shape, path)
  throw new OverlayProblem(
    `$patch: ${JSON.stringify($patch)} is not known here`,
    [...path, '$patch'],
    directives,
  )
}

const directives = '$patch is delete in an item of a list or at the top, and replace in a map or a first item'

function mergeFields(base: Fields, patch: Fields, shape: Shape, path: Path): Fields {
  const merged: Record<string, unknown> = { ...base }
  for (const [name, value] of Object.entries(patch)) {
    const below = [...path, name]
    if (value === null) {
      if (!Object.hasOwn(base, name))
        throw new OverlayProblem(`there is no ${formatPath(below)} to remove`, below)
      delete merged[name]
    } else if (isFields(value) && value['$patch'] === 'delete') {
      throw new OverlayProblem(`$patch: delete is for items of lists`, below, 'null removes a field')
    } else {
      merged[name] = mergePatch(base[name], value, shapeOfField(shape, name), below)
    }
  }
  return merged
}

function shapeOfField(shape: Shape, name: string): Shape {
  if (shape.type === 'struct') return shape.field(name) ?? { type: 'any' }
  return shape.type === 'map' ? shape.item : { type: 'any' }
}

/** Items that are new come after those that are there, as the server has it. */
function mergeKeyed(
  base: readonly unknown[],
  patch: readonly unknown[],
  shape: KeyedShape,
  path: Path,
): unknown[] {
  const merged = [...base]
  patch.forEach((item, index) => {
    const below = [...path, index]
    const key = itemKey(shape, item)
    if (key === undefined)
      throw new OverlayProblem(
        `${formatPath(below)} does not have all of its keys`,
        below,
        `they are ${shape.keys.join(', ')}`,
      )
    const at = merged.findIndex((one) => itemKey(shape, one) === key)
    if (isFields(item) && item['$patch'] === 'delete') {
      if (at < 0) {
        const what = `${formatPath(path)}[${formatItemKey(shape, item)}]`
        throw new OverlayProblem(`there is no ${what} to delete`, below)
      }
      merged.splice(at, 1)
      return
    }
    const value = mergePatch(at < 0 ? undefined : merged[at], item, shape.item, below)
    if (at < 0) merged.push(value)
    else merged[at] = value
  })
  return merged
}

/** What replaces something has nothing to remove. */
function withoutNulls(value: Fields, path: Path): Fields {
  const empty = Object.keys(value).find((name) => value[name] === null)
  if (empty === undefined) return value
  throw new OverlayProblem(`${formatPath([...path, empty])} is empty in what is taken whole`, [
    ...path,
    empty,
  ])
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
