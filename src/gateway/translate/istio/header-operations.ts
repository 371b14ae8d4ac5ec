/** `headers` of a rule or a destination. */
import type { HeaderMutation, HeaderValue } from '../../model/index.ts'
import type { HeaderOperations, Headers } from './spec.ts'

export interface TranslatedHeaders {
  readonly requestHeaders?: HeaderMutation
  readonly responseHeaders?: HeaderMutation
  /** `set` or `add` of Host means a new authority */
  readonly authority?: string
}

export function translateHeaderOperations(headers: Headers | undefined): TranslatedHeaders {
  const requestHeaders = mutation(headers?.request)
  const responseHeaders = mutation(headers?.response)
  const authority = authorityOf(headers?.request?.set) ?? authorityOf(headers?.request?.add)
  return {
    ...(requestHeaders && { requestHeaders }),
    ...(responseHeaders && { responseHeaders }),
    ...(authority !== undefined && { authority }),
  }
}

function mutation(operations: HeaderOperations | undefined): HeaderMutation | undefined {
  const set = values(operations?.set)
  const add = values(operations?.add)
  const remove = (operations?.remove ?? []).map((name) => name.toLowerCase()).filter(isOpen)
  if (set.length + add.length + remove.length === 0) return undefined
  return {
    ...(set.length > 0 && { set }),
    ...(add.length > 0 && { add }),
    ...(remove.length > 0 && { remove }),
  }
}

function values(headers: Readonly<Record<string, string>> | undefined): HeaderValue[] {
  return Object.entries(headers ?? {})
    .map(([name, value]) => ({ name: name.toLowerCase(), value }))
    .filter(({ name }) => isOpen(name))
    .toSorted((left, right) => (left.name < right.name ? -1 : Number(left.name > right.name)))
}

/** Host and pseudo-headers are not edited as headers. */
const isOpen = (name: string) => name !== 'host' && !name.startsWith(':')

function authorityOf(headers: Readonly<Record<string, string>> | undefined): string | undefined {
  const found = Object.entries(headers ?? {}).find(([name]) => /^(?:host|:authority)$/i.test(name))
  return found?.[1]
}
