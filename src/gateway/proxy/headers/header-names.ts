/** Names of HTTP header fields (RFC 9110 section 5.1): tokens, compared without case. */

const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/

/** Few names are ever in use, and every request has ten: looking one up costs a third of lowering it. */
const lowered = new Map<string, string>()
const remembered = 2000
/** characters; longer ones are of strangers who would fill our memory */
const longestRemembered = 64

/** The name in lower case; `''` when it is not a token. */
export function lowerName(name: string): string {
  const known = lowered.get(name)
  if (known !== undefined) return known
  const lower = token.test(name) ? name.toLowerCase() : ''
  if (name.length > longestRemembered) return lower
  if (lowered.size === remembered) lowered.clear()
  lowered.set(name, lower)
  return lower
}

/** Whether a value may be written into a message: no control characters but tab, so no line can be split. */
export function isFieldValue(value: string): boolean {
  return !/[^\t\x20-\x7e\x80-\xff]/.test(value)
}
