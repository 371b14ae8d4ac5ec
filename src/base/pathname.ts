/**
 * File names as strings that lose nothing. A name is UTF-8 text; every byte that is not valid UTF-8 is kept as a
 * lone surrogate U+DC80..U+DCFF (the "surrogateescape" convention), so that names can be joined, split and compared
 * as strings and turned back into the same bytes.
 */
const escaped = /[\uDC80-\uDCFF]/u
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Bytes of a file name as a string. */
export function decodePathname(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes)
  } catch {
    return decodeInvalid(bytes)
  }
}

/** The bytes of a name made by `decodePathname`. */
export function encodePathname(name: string): Buffer {
  if (!escaped.test(name)) return Buffer.from(name, 'utf8')
  const parts: Buffer[] = []
  for (const character of name) {
    const code = character.codePointAt(0)!
    parts.push(code >= 0xdc80 && code <= 0xdcff ? Buffer.of(code - 0xdc00) : Buffer.from(character, 'utf8'))
  }
  return Buffer.concat(parts)
}

/** What `node:fs` needs to reach the file: the string itself, or its bytes when it is not valid UTF-8. */
export function fsPath(name: string): string | Buffer {
  return escaped.test(name) ? encodePathname(name) : name
}

/** Whether the name holds only valid UTF-8. */
export function isUtf8Pathname(name: string): boolean {
  return !escaped.test(name)
}

/** Byte order of two names (the order of their UTF-8 bytes, not of UTF-16 units or of a locale). */
export function comparePathnames(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let index = 0; index < length; index++) {
    const x = a.charCodeAt(index)
    const y = b.charCodeAt(index)
    if (x === y) continue
    if (x < 0xd800 && y < 0xd800) return x - y
    return Buffer.compare(encodePathname(a), encodePathname(b))
  }
  return a.length - b.length
}

function decodeInvalid(bytes: Uint8Array): string {
  let text = ''
  let index = 0
  while (index < bytes.length) {
    const length = sequenceLength(bytes, index)
    if (length === 0) text += String.fromCharCode(0xdc00 + bytes[index++]!)
    else text += utf8.decode(bytes.subarray(index, (index += length)))
  }
  return text
}

/** Length of the valid UTF-8 sequence at `index`, 0 when there is none. */
function sequenceLength(bytes: Uint8Array, index: number): number {
  const first = bytes[index]!
  const length = first < 0x80 ? 1 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 0
  if (length === 0 || index + length > bytes.length) return 0
  try {
    utf8.decode(bytes.subarray(index, index + length))
    return length
  } catch {
    return 0
  }
}
