/** Byte ranges of requests (RFC 9110 14). Pure. */

export interface ByteRange {
  readonly start: number
  /** exclusive */
  readonly end: number
}

/**
 * The range a `Range` header asks for of `size` bytes; nothing for none, for several, and for units other than bytes,
 * which are all answered with the whole; `unsatisfiable` when it lies behind the end.
 */
export function parseRange(
  header: string | undefined,
  size: number,
): ByteRange | 'unsatisfiable' | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? '')
  if (!match || (match[1] === '' && match[2] === '')) return undefined
  const [, first = '', last = ''] = match
  if (first === '') {
    const length = Number(last)
    return length === 0 ? 'unsatisfiable' : { start: Math.max(0, size - length), end: size }
  }
  const start = Number(first)
  const end = last === '' ? size : Math.min(Number(last) + 1, size)
  if (last !== '' && Number(last) < start) return undefined
  return start < size ? { start, end } : 'unsatisfiable'
}

/** The `Content-Range: start-end` of an uploaded chunk, the end inclusive (distribution-spec "Pushing a blob in chunks"). */
export function parseChunkRange(header: string): ByteRange | undefined {
  const match = /^(?:bytes[ =])?(\d+)-(\d+)(?:\/.*)?$/.exec(header.trim())
  if (!match) return undefined
  return { start: Number(match[1]), end: Number(match[2]) + 1 }
}
