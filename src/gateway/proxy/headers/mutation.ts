/** Edits of headers that the configuration asks for, checked once and applied to every message. */
import type { HeaderMutation, HeaderValue } from '../../model/index.ts'
import { removeHeader, setHeader } from './header-list.ts'
import { isFieldValue, lowerName } from './header-names.ts'

export interface CompiledMutation {
  /** a `Host` that was set: it is the authority, not a header */
  readonly host: string | undefined
  /** edits in place */
  readonly apply: (headers: string[]) => void
}

/** Framing and connections are ours alone (RFC 9110 section 7.6.1); pseudo headers are no tokens. */
const ours = new Set([
  'connection',
  'content-length',
  'host',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/** Nothing when there is nothing to do. What may not be edited, or would split the message, is left out. */
export function compileMutation(mutation: HeaderMutation | undefined): CompiledMutation | undefined {
  if (mutation === undefined) return undefined
  const set = (mutation.set ?? []).filter(isEditable)
  const add = (mutation.add ?? []).filter(isEditable)
  const remove = (mutation.remove ?? []).map(lowerName).filter((name) => name !== '' && !ours.has(name))
  const host = mutation.set?.find(({ name }) => lowerName(name) === 'host')?.value
  if (set.length + add.length + remove.length === 0 && host === undefined) return undefined
  return {
    host,
    apply(headers) {
      for (const name of remove) removeHeader(headers, name)
      for (const { name, value } of set) setHeader(headers, lowerName(name), value)
      for (const { name, value } of add) headers.push(name, value)
    },
  }
}

function isEditable({ name, value }: HeaderValue): boolean {
  const lower = lowerName(name)
  return lower !== '' && !ours.has(lower) && isFieldValue(value)
}
