/** Which keys a zod 4 schema allows at a path: read from its definitions, for suggestions only. */
import type { PathSegment } from './document.ts'

interface Definition {
  readonly type?: string
  readonly shape?: Readonly<Record<string, unknown>>
  readonly element?: unknown
  readonly valueType?: unknown
  readonly innerType?: unknown
  readonly in?: unknown
  readonly options?: readonly unknown[]
}

/** Keys of the maps that may stand at `path`; none when the schema is of an unknown kind. */
export function keysAt(schema: unknown, path: readonly PathSegment[]): string[] {
  let schemas = unwrap(schema)
  for (const segment of path) schemas = schemas.flatMap((definition) => step(definition, segment))
  return [...new Set(schemas.flatMap((definition) => Object.keys(definition.shape ?? {})))]
}

function step(definition: Definition, segment: PathSegment): Definition[] {
  if (definition.shape)
    return Object.hasOwn(definition.shape, segment) ? unwrap(definition.shape[segment]) : []
  return unwrap(definition.element ?? definition.valueType)
}

/** The definition behind optional, default and pipe, or those of all options of a union. */
function unwrap(schema: unknown): Definition[] {
  const definition = (schema as { _zod?: { def?: Definition } } | undefined)?._zod?.def
  if (!definition) return []
  if (definition.options) return definition.options.flatMap(unwrap)
  const inner = definition.innerType ?? definition.in
  return inner === undefined ? [definition] : unwrap(inner)
}
