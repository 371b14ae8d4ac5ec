import { RE2JS } from 're2js'
import type { Context, Part } from './context.ts'

/**
 * Tells of every `regex` below a part that RE2 does not know; true when there is none. `*` alone is Istio's word for
 * presence, and no expression.
 */
export function areRegexes(value: unknown, context: Context, part: Part): boolean {
  if (value === null || typeof value !== 'object') return true
  return Object.entries(value)
    .map(([name, child]) => {
      const own = { object: part.object, path: [...part.path, Array.isArray(value) ? Number(name) : name] }
      return name === 'regex' && typeof child === 'string'
        ? child === '*' || isRegex(child, context, own)
        : areRegexes(child, context, own)
    })
    .every((isGood) => isGood)
}

/** Tells when RE2 does not know the pattern. */
export function isRegex(pattern: string, { report }: Context, { object, path }: Part): boolean {
  try {
    RE2JS.compile(pattern)
    return true
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    report.error(object, path, {
      rule: 'invalid-regex',
      message: `"${pattern}" is no regular expression of RE2: ${why}`,
      hint: 'RE2 has no look-around and no back-references',
    })
    return false
  }
}
