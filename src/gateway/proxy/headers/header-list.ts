/** Headers as they travel: `[name, value, name, value]`, with the case, order and repetition they came in. */
import { lowerName } from './header-names.ts'

export type HeaderList = readonly string[]

/** All values of a header joined by `,`; nothing when it is absent. The name is given in lower case. */
export function valueOf(headers: HeaderList, name: string): string | undefined {
  let found: string | undefined
  for (let i = 0; i < headers.length; i += 2) {
    if (lowerName(headers[i] as string) !== name) continue
    const value = headers[i + 1] as string
    found = found === undefined ? value : `${found},${value}`
  }
  return found
}

/** Takes a header out, every time it is there. */
export function removeHeader(headers: string[], name: string): void {
  let kept = 0
  for (let i = 0; i < headers.length; i += 2) {
    if (lowerName(headers[i] as string) === name) continue
    headers[kept] = headers[i] as string
    headers[kept + 1] = headers[i + 1] as string
    kept += 2
  }
  headers.length = kept
}

/** Puts one value in place of all there are, where the first of them stands. */
export function setHeader(headers: string[], name: string, value: string): void {
  for (let i = 0; i < headers.length; i += 2) {
    if (lowerName(headers[i] as string) !== name) continue
    headers[i + 1] = value
    const rest = headers.splice(i + 2)
    removeHeader(rest, name)
    headers.push(...rest)
    return
  }
  headers.push(name, value)
}

/** The value of one cookie of a request (RFC 6265 section 5.4). */
export function cookieOf(headers: HeaderList, name: string): string | undefined {
  const cookies = valueOf(headers, 'cookie')
  if (cookies === undefined) return undefined
  for (const part of cookies.split(/[;,]/)) {
    const equals = part.indexOf('=')
    if (equals > 0 && part.slice(0, equals).trim() === name) return part.slice(equals + 1).trim()
  }
  return undefined
}
