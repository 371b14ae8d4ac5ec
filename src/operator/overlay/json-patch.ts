/** JSON Patch (RFC 6902) on JSON Pointers (RFC 6901). What is not there is an error, never passed over. */
import type { PathSegment } from '../../yaml/index.ts'
import { OverlayProblem } from './overlay-problem.ts'

interface Operation {
  readonly op: 'add' | 'remove' | 'replace' | 'move' | 'copy' | 'test'
  readonly path: string
  readonly from?: string
  readonly value?: unknown
}

/** @throws OverlayProblem with the index of the operation */
export function applyJsonPatch(target: unknown, patch: unknown): unknown {
  if (!Array.isArray(patch))
    throw new OverlayProblem(
      'a JSON patch is a list of operations',
      [],
      'write - {op: replace, path: /spec/x, value: 1}',
    )
  let document = copyOf(target)
  patch.forEach((item: unknown, index) => {
    const operation = checkOperation(item, index)
    document = applyOperation(document, operation, index)
  })
  return document
}

/** Everything that the patch touches, as paths from the top; `move` touches two. */
export function touchedPaths(patch: unknown): { readonly path: readonly string[]; readonly index: number }[] {
  if (!Array.isArray(patch)) return []
  return patch.flatMap((item: unknown, index) => {
    const { op, path, from } = checkOperation(item, index)
    if (op === 'test') return []
    const touched = op === 'move' ? [path, from!] : [path]
    return touched.map((pointer) => ({ path: parsePointer(pointer, [index]), index }))
  })
}

const keys = new Map<string, readonly string[]>([
  ['add', ['op', 'path', 'value']],
  ['replace', ['op', 'path', 'value']],
  ['test', ['op', 'path', 'value']],
  ['remove', ['op', 'path']],
  ['move', ['op', 'path', 'from']],
  ['copy', ['op', 'path', 'from']],
])

function checkOperation(item: unknown, index: number): Operation {
  const fields = typeof item === 'object' && item !== null ? (item as Readonly<Record<string, unknown>>) : {}
  const wanted = keys.get(String(fields['op']))
  if (!wanted)
    throw new OverlayProblem(
      `${JSON.stringify(fields['op'])} is not an operation`,
      [index, 'op'],
      `there is ${[...keys.keys()].join(', ')}`,
    )
  const missing = wanted.find((key) => !Object.hasOwn(fields, key))
  if (missing !== undefined) throw new OverlayProblem(`the operation has no "${missing}"`, [index])
  const unknown = Object.keys(fields).find((key) => !wanted.includes(key))
  if (unknown !== undefined)
    throw new OverlayProblem(`"${unknown}" has no meaning in this operation`, [index, unknown])
  for (const key of ['path', 'from']) {
    if (wanted.includes(key) && typeof fields[key] !== 'string')
      throw new OverlayProblem(`"${key}" must be a text such as /spec/replicas`, [index, key])
  }
  return fields as unknown as Operation
}

/** Packages use one value in several places, and a structured clone would keep it one. */
function copyOf(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value))
}

function applyOperation(document: unknown, { op, path, from, value }: Operation, index: number): unknown {
  const at = parsePointer(path, [index, 'path'])
  switch (op) {
    case 'add':
      return put(document, at, copyOf(value), { index, mustExist: false })
    case 'replace':
      return put(document, at, copyOf(value), { index, mustExist: true })
    case 'remove':
      return take(document, at, index).document
    case 'test':
      if (!isEqual(look(document, at, index), value))
        throw new OverlayProblem(`${path} is not ${JSON.stringify(value)}`, [index, 'value'])
      return document
    case 'copy': {
      const copied = copyOf(look(document, parsePointer(from!, [index, 'from']), index))
      return put(document, at, copied, { index, mustExist: false })
    }
    case 'move': {
      if (path.startsWith(`${from!}/`))
        throw new OverlayProblem(`${from} cannot be moved into itself`, [index, 'path'])
      const taken = take(document, parsePointer(from!, [index, 'from']), index)
      return put(taken.document, at, taken.value, { index, mustExist: false })
    }
  }
}

function parsePointer(pointer: string, path: readonly PathSegment[]): string[] {
  if (pointer === '') return []
  if (!pointer.startsWith('/')) throw new OverlayProblem(`"${pointer}" does not begin with /`, path)
  return pointer
    .slice(1)
    .split('/')
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
}

function look(document: unknown, at: readonly string[], index: number): unknown {
  return at.reduce((value, step, depth) => child(value, step, { at, depth, index }), document)
}

interface Where {
  readonly at: readonly string[]
  readonly depth: number
  readonly index: number
}

function child(value: unknown, step: string, { at, depth, index }: Where): unknown {
  if (Array.isArray(value) && isIndex(step, value.length - 1)) return value[Number(step)]
  if (typeof value === 'object' && value !== null && !Array.isArray(value) && Object.hasOwn(value, step))
    return (value as Record<string, unknown>)[step]
  throw new OverlayProblem(`there is no ${pointerTo(at.slice(0, depth + 1))}`, [index, 'path'])
}

/** Changes the document in place: it is our own copy. */
function put(
  document: unknown,
  at: readonly string[],
  value: unknown,
  { index, mustExist }: { readonly index: number; readonly mustExist: boolean },
): unknown {
  const last = at.at(-1)
  if (last === undefined) return value
  if (mustExist) look(document, at, index)
  const parent = look(document, at.slice(0, -1), index)
  if (Array.isArray(parent)) {
    if (last !== '-' && !isIndex(last, parent.length))
      throw new OverlayProblem(`there is no ${pointerTo(at)}: the list has ${parent.length} items`, [
        index,
        'path',
      ])
    const place = last === '-' ? parent.length : Number(last)
    parent.splice(place, mustExist ? 1 : 0, value)
  } else if (typeof parent === 'object' && parent !== null) {
    Object.defineProperty(parent, last, { value, enumerable: true, writable: true, configurable: true })
  } else throw new OverlayProblem(`${pointerTo(at.slice(0, -1))} has no fields`, [index, 'path'])
  return document
}

function take(
  document: unknown,
  at: readonly string[],
  index: number,
): { document: unknown; value: unknown } {
  const value = look(document, at, index)
  const parent = look(document, at.slice(0, -1), index)
  const last = at.at(-1)
  if (last === undefined) return { document: undefined, value }
  if (Array.isArray(parent)) parent.splice(Number(last), 1)
  else delete (parent as Record<string, unknown>)[last]
  return { document, value }
}

function isIndex(step: string, most: number): boolean {
  return /^(?:0|[1-9]\d*)$/.test(step) && Number(step) <= most
}

function pointerTo(at: readonly string[]): string {
  return at.map((step) => `/${step.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}

/** Equal as JSON: the order of keys has no meaning (RFC 6902, 4.6). */
function isEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a) !== Array.isArray(b)) return false
  const [one, other] = [Object.entries(a), b as Record<string, unknown>]
  return (
    one.length === Object.keys(other).length &&
    one.every(([key, value]) => Object.hasOwn(other, key) && isEqual(value, other[key]))
  )
}
