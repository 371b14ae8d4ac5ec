/**
 * Headers that are about one connection and go no further (RFC 9110 section 7.6.1), and those that frame a message, which
 * every hop writes anew.
 */
import { lowerName } from './header-names.ts'

const hopByHop = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/** What `Connection` may not take away: a client could unsay what a proxy in front of us, or the message itself, says. */
const kept = new Set([
  'authorization',
  'content-length',
  'content-type',
  'cookie',
  'forwarded',
  'host',
  'x-real-ip',
  'x-request-id',
])

export function isHopByHop(lower: string): boolean {
  return hopByHop.has(lower)
}

/** Names in lower case that the values of `Connection` take out; nothing when there are none. */
export function namedByConnection(value: string): ReadonlySet<string> | undefined {
  const lower = value.toLowerCase()
  if (lower === 'keep-alive' || lower === 'close' || lower === '') return undefined
  const names = lower
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '' && !kept.has(name) && !name.startsWith('x-forwarded-'))
  return names.length === 0 ? undefined : new Set(names)
}

/** Headers of an answer as they go on to a client. Content-Length stays only when `isCounted`. */
export function endToEnd(headers: readonly string[], isCounted: boolean): string[] {
  const passed: string[] = []
  let named: ReadonlySet<string> | undefined
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string
    const lower = lowerName(name)
    if (lower === 'connection') {
      const more = namedByConnection(headers[i + 1] as string)
      if (more) named = named ? named.union(more) : more
    }
    if (hopByHop.has(lower) || (lower === 'content-length' && !isCounted)) continue
    passed.push(name, headers[i + 1] as string)
  }
  return named === undefined ? passed : without(passed, named)
}

export function without(headers: readonly string[], names: ReadonlySet<string>): string[] {
  const left: string[] = []
  for (let i = 0; i < headers.length; i += 2) {
    if (!names.has(lowerName(headers[i] as string))) left.push(headers[i] as string, headers[i + 1] as string)
  }
  return left
}
