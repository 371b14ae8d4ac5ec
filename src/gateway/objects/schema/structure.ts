/** Objects against the schemas of their CRDs, as `@kubernetes-models` has them compiled: types, limits, patterns, names. */
import { nearest } from '../../../base/index.ts'
import type { PathSegment } from '../../../yaml/index.ts'
import type { SchemaClass } from '../kind.ts'
import type { Issue } from './issue.ts'
import { watchKeys, type SeenKeys } from './seen-keys.ts'

/** An error of ajv 8. */
interface SchemaError {
  readonly instancePath: string
  readonly keyword: string
  readonly params: Readonly<Record<string, unknown>>
  readonly message?: string
}

/** All that is wrong with the structure of an object; unknown fields are warnings. */
export function checkStructure(value: Readonly<Record<string, unknown>>, schema: SchemaClass): Issue[] {
  const keys = watchKeys(value)
  const errors = errorsOf(schema, keys.view)
  const choices = new Set(
    errors.filter(({ keyword }) => keyword === 'oneOf').map((error) => error.instancePath),
  )
  const issues = errors
    // What the forms of a choice say one by one is no help.
    .filter(
      ({ keyword, instancePath }) =>
        keyword === 'oneOf' || !choices.has(instancePath) || !isOfChoice(keyword),
    )
    .map((error) => describe(error, value, keys))
  const once = new Map(issues.map((issue) => [JSON.stringify(issue), issue]))
  return [...once.values(), ...keys.unknown().map(unknownField)]
}

function errorsOf(schema: SchemaClass, view: object): readonly SchemaError[] {
  try {
    schema.prototype.validate.call(view)
    return []
  } catch (error) {
    const errors = (error as { errors?: unknown }).errors
    if (Array.isArray(errors)) return errors as SchemaError[]
    throw error
  }
}

function isOfChoice(keyword: string): boolean {
  return keyword === 'not' || keyword === 'anyOf' || keyword === 'required'
}

function unknownField({ path, key, known }: ReturnType<SeenKeys['unknown']>[number]): Issue {
  const meant = nearest(key, known)
  return {
    severity: 'warning',
    rule: 'unknown-field',
    message: 'is not a field of this kind',
    path: [...path, key],
    side: 'key',
    ...(meant !== undefined && { hint: `did you mean "${meant}"?` }),
  }
}

function describe(
  { instancePath, keyword, params, message }: SchemaError,
  value: unknown,
  keys: SeenKeys,
): Issue {
  const path = pathOf(instancePath, value)
  const issue = { severity: 'error', rule: 'schema', path } as const
  const found = valueAt(value, path)
  switch (keyword) {
    case 'required':
      return {
        ...issue,
        path: [...path, String(params['missingProperty'])],
        message: 'is missing',
        side: 'key',
      }
    case 'type':
      return {
        ...issue,
        message: `must be ${typeWords.get(String(params['type'])) ?? String(params['type'])}, not ${shown(found)}`,
      }
    case 'enum': {
      const allowed = params['allowedValues'] as readonly unknown[]
      const meant = typeof found === 'string' ? nearest(found, allowed.map(String)) : undefined
      return {
        ...issue,
        message: `must be ${list(allowed.map(String))}, not ${shown(found)}`,
        ...(meant !== undefined && { hint: `did you mean "${meant}"?` }),
      }
    }
    case 'pattern':
      return { ...issue, message: `${shown(found)} does not have the form ${String(params['pattern'])}` }
    case 'oneOf':
      return { ...issue, message: choice(found, keys.knownAt(path)) }
    case 'maxItems':
      return {
        ...issue,
        message: `has ${(found as unknown[]).length} items, and may have ${String(params['limit'])}`,
      }
    case 'minItems':
      return { ...issue, message: `must have ${String(params['limit'])} items or more` }
    case 'maxLength':
      return { ...issue, message: `is longer than ${String(params['limit'])} characters` }
    case 'minLength':
      return { ...issue, message: 'must not be empty' }
    case 'maximum':
    case 'minimum':
      return {
        ...issue,
        message: `must be ${String(params['comparison'])} ${String(params['limit'])}, not ${shown(found)}`,
      }
    case 'format':
      return { ...issue, message: `${shown(found)} is not a valid ${String(params['format'])}` }
    default:
      return { ...issue, message: message ?? `does not fit "${keyword}"` }
  }
}

function choice(found: unknown, known: readonly string[]): string {
  const given =
    typeof found === 'object' && found !== null ? known.filter((key) => Object.hasOwn(found, key)) : []
  return given.length > 1
    ? `can have only one of ${list(given)}`
    : `must have exactly one of its forms: ${list(known)}`
}

const typeWords = new Map([
  ['string', 'a text'],
  ['boolean', 'true or false'],
  ['number', 'a number'],
  ['integer', 'a whole number'],
  ['array', 'a list'],
  ['object', 'a map'],
])

/** JSON pointer, with numbers where the value has a list. */
function pathOf(pointer: string, value: unknown): PathSegment[] {
  const path: PathSegment[] = []
  for (const part of pointer.split('/').slice(1)) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~')
    path.push(Array.isArray(valueAt(value, path)) ? Number(key) : key)
  }
  return path
}

function valueAt(value: unknown, path: readonly PathSegment[]): unknown {
  return path.reduce<unknown>(
    (current, key) =>
      typeof current === 'object' && current !== null
        ? (current as Record<PathSegment, unknown>)[key]
        : undefined,
    value,
  )
}

function shown(value: unknown): string {
  if (value === undefined || value === null) return 'empty'
  if (typeof value === 'string') return `"${value.length > 60 ? `${value.slice(0, 57)}...` : value}"`
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'object' ? 'a map' : String(value as number | boolean)
}

function list(words: readonly string[]): string {
  return words.length < 2 ? words.join() : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`
}
