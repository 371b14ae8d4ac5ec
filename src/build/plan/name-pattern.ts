/** Patterns of names, as in `bake 'web-*'` and `--set '*.platform=…'` (Go's path.Match). */

/** Whether the whole name matches: `*` is any text without a slash, `?` one character, `[a-z]` and `[^a-z]` one of them. */
export function matchesName(pattern: string, name: string): boolean {
  const source = pattern.replaceAll(
    /\\(.)|(\[\^?[^\]]+\])|\*|\?|[.+^${}()|[\]\\]/g,
    (written, literal?: string, set?: string) => {
      if (literal !== undefined) return `\\u{${literal.codePointAt(0)!.toString(16)}}`
      if (set !== undefined) return set
      if (written === '*') return '[^/]*'
      return written === '?' ? '[^/]' : `\\${written}`
    },
  )
  try {
    return new RegExp(`^${source}$`, 'u').test(name)
  } catch {
    return false
  }
}
