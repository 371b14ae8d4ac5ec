/** The head of an HTTP/2 request (RFC 9113 section 8.3), as HTTP/1 would say it. Pure. */
import { isFieldValue, lowerName } from '../headers/header-names.ts'

export interface Http2Head {
  readonly method: string
  readonly authority: string | undefined
  readonly target: string
  /** without pseudo headers and Host; Cookie in one piece */
  readonly headers: string[]
  readonly body: number | 'chunked'
}

/** what is no header to HTTP/1 either, as it is written anew */
const apart = new Set(['host', 'content-length'])

const visible = /^[\x21-\x7e]+$/

/** Why it is refused, when it is. `isWhole`: no body follows. */
export function readHttp2Head(pairs: readonly string[], isWhole: boolean): Http2Head | string {
  const pseudo = new Map<string, string>()
  const headers: string[] = []
  const cookies: string[] = []
  for (let i = 0; i < pairs.length; i += 2) {
    const name = pairs[i] as string
    const value = pairs[i + 1] as string
    if (!isFieldValue(value)) return `the value of ${name} has a control character`
    if (name === 'cookie') cookies.push(value)
    else if (!name.startsWith(':') && !apart.has(name)) headers.push(name, value)
    else if ((pseudo.get(name) ?? value) !== value) return `the request has several ${name}`
    else pseudo.set(name, value)
  }
  if (cookies.length > 0) headers.push('cookie', cookies.join('; '))
  const host = pseudo.get('host')
  const authority = pseudo.get(':authority') ?? host
  const method = pseudo.get(':method') ?? ''
  const target = pseudo.get(':path') ?? ''
  const length = pseudo.get('content-length')
  if (host !== undefined && authority !== host) return 'Host and :authority differ'
  if (lowerName(method) === '') return 'the method of the request is none'
  if (method !== 'CONNECT' && !visible.test(target)) return 'the path of the request is none'
  if (length !== undefined && !/^[0-9]{1,15}$/.test(length)) return 'its Content-Length is no number'
  return { method, authority, target, headers, body: bodyOf(isWhole, length) }
}

function bodyOf(isWhole: boolean, length: string | undefined): number | 'chunked' {
  if (isWhole) return 0
  return length === undefined ? 'chunked' : Number(length)
}
