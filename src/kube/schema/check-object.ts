/** Whether an object fits the shape of its kind, as strict field validation of the server would find it. */
import { nearest } from '../../base/index.ts'
import { formatItemKey, itemKey, type KeyedShape, type Shape, type StructShape } from './shape.ts'

export interface ObjectIssue {
  /** `spec.template.spec.containers[name=web].image` */
  readonly path: string
  /** continues the path: `must be a text, not the number 3` */
  readonly message: string
  readonly hint?: string | undefined
}

/** Everything that is wrong with a value; none for a good one. Null is never good: apply has no meaning for it. */
export function checkShape(value: unknown, shape: Shape, path = ''): ObjectIssue[] {
  if (value === null || value === undefined)
    return [{ path, message: 'is empty', hint: 'leave the field out' }]
  switch (shape.type) {
    case 'any':
      return []
    case 'struct':
      return isMap(value) ? checkStruct(value, shape, path) : [mismatch(path, 'a map', value)]
    case 'map':
      if (!isMap(value)) return [mismatch(path, 'a map', value)]
      return Object.entries(value).flatMap(([key, item]) => checkShape(item, shape.item, `${path}[${key}]`))
    case 'list':
    case 'set':
    case 'keyed':
      return Array.isArray(value) ? checkList(value, shape, path) : [mismatch(path, 'a list', value)]
    default:
      return isScalar(value, shape.type) ? [] : [mismatch(path, words[shape.type], value)]
  }
}

function checkStruct(
  value: Readonly<Record<string, unknown>>,
  shape: StructShape,
  path: string,
): ObjectIssue[] {
  const issues: ObjectIssue[] = []
  const below = (name: string) => (path === '' ? name : `${path}.${name}`)
  for (const [name, item] of Object.entries(value)) {
    const field = shape.field(name)
    if (field) issues.push(...checkShape(item, field, below(name)))
    else {
      const near = nearest(name, shape.names)
      issues.push({
        path: below(name),
        message: 'is not a field of this kind',
        hint: near ? `did you mean "${near}"?` : undefined,
      })
    }
  }
  for (const name of shape.required) {
    if (!Object.hasOwn(value, name)) issues.push({ path: below(name), message: 'is missing' })
  }
  return issues
}

function checkList(
  value: readonly unknown[],
  shape: Exclude<Shape, { type: 'map' }> & { readonly item: Shape },
  path: string,
): ObjectIssue[] {
  const seen = new Set<string>()
  return value.flatMap((item, index) => {
    const at = shape.type === 'keyed' ? `${path}[${formatItemKey(shape, item)}]` : `${path}[${index}]`
    const issues = checkShape(item, shape.item, at)
    const key = shape.type === 'keyed' ? keyIn(shape, item) : JSON.stringify(item)
    if (shape.type === 'list' || key === undefined) return issues
    if (seen.has(key)) issues.push({ path: at, message: 'is there twice, which cannot be applied' })
    seen.add(key)
    return issues
  })
}

/** Items without all of their keys are told apart by none. */
function keyIn(shape: KeyedShape, item: unknown): string | undefined {
  return itemKey(shape, item)
}

const words = {
  string: 'a text',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  quantity: 'a quantity such as 100m or 64Mi',
  intOrString: 'a whole number or a text',
} as const

function isScalar(value: unknown, type: keyof typeof words): boolean {
  switch (type) {
    case 'string':
      return typeof value === 'string'
    case 'integer':
      return Number.isSafeInteger(value)
    case 'number':
      return typeof value === 'number' && Number.isFinite(value)
    case 'boolean':
      return typeof value === 'boolean'
    case 'quantity':
      return typeof value === 'number' || (typeof value === 'string' && quantity.test(value))
    case 'intOrString':
      return typeof value === 'string' || Number.isSafeInteger(value)
  }
}

/** apimachinery, "Quantity": a number with a binary, decimal or exponent suffix. */
const quantity = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[KMGTPE]i|[numkMGTPE]|[eE][+-]?\d+)?$/

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function mismatch(path: string, must: string, value: unknown): ObjectIssue {
  return { path, message: `must be ${must}, not ${shown(value)}` }
}

function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 57)}...` : value)
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'a map'
  return `the ${typeof value} ${JSON.stringify(value)}`
}
