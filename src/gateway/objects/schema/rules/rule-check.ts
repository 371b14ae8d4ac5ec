/** What rules are written with: plain values of a spec, which the structural schema has passed, and issues at paths. */
import type { PathSegment } from '../../../../yaml/index.ts'
import type { Issue } from '../issue.ts'

export type Json = Readonly<Record<string, unknown>>
export type Path = readonly PathSegment[]

export function broken(path: Path, message: string, side?: 'key'): Issue {
  return { severity: 'error', rule: 'invalid-spec', path, message, ...(side && { side }) }
}

/** Items of a list of maps, each with its path; none where there is no list. */
export function items(holder: Json, key: string, path: Path): { value: Json; path: Path }[] {
  const list = holder[key]
  return Array.isArray(list)
    ? list.map((value: unknown, index) => ({ value: (value ?? {}) as Json, path: [...path, key, index] }))
    : []
}

/** A map, or an empty one. */
export function map(holder: Json, key: string): Json {
  const value = holder[key]
  return typeof value === 'object' && value !== null ? (value as Json) : {}
}

export function has(holder: Json, key: string): boolean {
  return holder[key] !== undefined
}

export function text(holder: Json, key: string): string {
  const value = holder[key]
  return typeof value === 'string' ? value : ''
}

/** Issues for items whose key an earlier one has. */
export function repeated(
  list: readonly { readonly value: Json; readonly path: Path }[],
  keyOf: (value: Json) => string | undefined,
  message: (value: Json) => string,
): Issue[] {
  const seen = new Set<string>()
  return list.flatMap(({ value, path }) => {
    const key = keyOf(value)
    if (key === undefined) return []
    if (seen.has(key)) return [broken(path, message(value))]
    seen.add(key)
    return []
  })
}
