/** The schema of a package's values: the part of JSON Schema that Kubernetes takes for custom resources, and no more. */
import { fromJSONSchema } from 'zod'
import { Failure, nearest } from '../../base/index.ts'
import type { Schema, YamlDocument } from '../../yaml/index.ts'

type Json = Readonly<Record<string, unknown>>

/** Keywords that hold for values; everything else would be passed over silently. */
const keywords = new Set([
  'type',
  'title',
  'description',
  'default',
  'enum',
  'properties',
  'required',
  'additionalProperties',
  'items',
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
  'minLength',
  'maxLength',
  'pattern',
  'minItems',
  'maxItems',
  'anyOf',
  'example',
])

export interface ValuesSchema {
  readonly schema: Schema<unknown>
  /** as written, keys that are not named refused */
  readonly json: object
}

/** @throws Failure PACKAGE_INVALID for keywords that are not known, at their place */
export function readValuesSchema(document: YamlDocument, path: readonly (string | number)[]): ValuesSchema {
  const written = path.reduce<unknown>(
    (value, step) => (value as Record<string | number, unknown>)?.[step],
    document.value,
  )
  const json = closed((written ?? { type: 'object' }) as Json, document, path)
  try {
    return { json, schema: fromJSONSchema(json as never) }
  } catch (error) {
    throw new Failure('PACKAGE_INVALID', `the schema cannot be understood: ${(error as Error).message}`, {
      at: document.placeOf(path),
      cause: error,
    })
  }
}

/** Keys that are not named are slips of the hand; an object whose fields all have defaults has one itself. */
function closed(schema: Json, document: YamlDocument, path: readonly (string | number)[]): Json {
  for (const key of Object.keys(schema)) {
    if (keywords.has(key)) continue
    const near = nearest(key, keywords)
    throw new Failure('PACKAGE_INVALID', `"${key}" is not a keyword of schemas that is known here`, {
      at: document.placeOf([...path, key], 'key'),
      hint: near ? `did you mean "${near}"?` : undefined,
    })
  }
  const { properties, items, additionalProperties, anyOf, example: _example, ...rest } = schema
  const below = (value: unknown, ...steps: (string | number)[]) =>
    closed(value as Json, document, [...path, ...steps])
  const fields = Object.entries((properties ?? {}) as Json).map(
    ([name, field]) => [name, withDefault(below(field, 'properties', name), schema, name)] as const,
  )
  return {
    ...rest,
    ...(properties !== undefined && { properties: Object.fromEntries(fields) }),
    ...(items !== undefined && { items: below(items, 'items') }),
    ...(Array.isArray(anyOf) && { anyOf: anyOf.map((one, index) => below(one, 'anyOf', index)) }),
    ...(typeof additionalProperties === 'object' && additionalProperties !== null
      ? { additionalProperties: below(additionalProperties, 'additionalProperties') }
      : rest['type'] === 'object' && { additionalProperties: additionalProperties ?? false }),
  }
}

function withDefault(field: Json, parent: Json, name: string): Json {
  const isRequired = Array.isArray(parent['required']) && parent['required'].includes(name)
  if (field['type'] !== 'object' || 'default' in field || isRequired || field['required'] !== undefined)
    return field
  const inner = Object.entries((field['properties'] ?? {}) as Readonly<Record<string, Json>>).filter(
    ([, property]) => 'default' in property,
  )
  if (inner.length === 0) return field
  return { ...field, default: Object.fromEntries(inner.map(([key, property]) => [key, property['default']])) }
}
