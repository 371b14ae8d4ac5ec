/**
 * What may stand where in an object, and how server-side apply merges it: the topology of "Merge strategy" in the
 * documentation of server-side apply.
 */
export type Shape =
  | { readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'quantity' | 'intOrString' | 'any' }
  | StructShape
  /** an atomic one has one owner and is replaced as a whole */
  | { readonly type: 'map'; readonly item: Shape; readonly isAtomic: boolean }
  /** one owner for the whole of it; items of one `set` are each their own */
  | { readonly type: 'list' | 'set'; readonly item: Shape }
  | KeyedShape

export interface StructShape {
  readonly type: 'struct'
  readonly field: (name: string) => Shape | undefined
  readonly names: readonly string[]
  readonly required: readonly string[]
  /** values that the server fills in for fields that are left out */
  readonly defaults: Readonly<Record<string, unknown>>
  /** it has one owner and is replaced as a whole */
  readonly isAtomic: boolean
}

/** A list whose items are told apart by the values of some of their fields. */
export interface KeyedShape {
  readonly type: 'keyed'
  readonly item: Shape
  readonly keys: readonly string[]
}

export const anyShape: Shape = { type: 'any' }

/** The values that tell an item from others, defaults filled in; nothing when one is missing. */
export function itemKey({ item, keys }: KeyedShape, value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const defaults = item.type === 'struct' ? item.defaults : {}
  const parts = keys.map((key) => (value as Record<string, unknown>)[key] ?? defaults[key])
  return parts.some((part) => part === undefined) ? undefined : JSON.stringify(parts)
}

/** `name=web` or `containerPort=80,protocol=TCP`, for people. */
export function formatItemKey({ item, keys }: KeyedShape, value: unknown): string {
  const defaults = item.type === 'struct' ? item.defaults : {}
  const fields = (value ?? {}) as Readonly<Record<string, unknown>>
  return keys.map((key) => `${key}=${String(fields[key] ?? defaults[key])}`).join(',')
}
