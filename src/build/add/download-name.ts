/** Names of files that ADD downloads. Pure. */
import { posix } from 'node:path'

/** The file name that ADD gives to what an address answers (BuildKit, convert_copy.go). */
export function downloadName(url: string): string {
  const path = URL.canParse(url) ? posix.basename(percentDecoded(new URL(url).pathname)) : ''
  return path === '' ? '__unnamed__' : path
}

/** The text without its percent-encoding; where that is malformed, as it is. */
export function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    // a "%" that escapes nothing stands for itself
    return text
  }
}
