/** Regular expressions of the configuration: RE2, so no pattern takes more than linear time. */
import { RE2JS } from 're2js'

export interface Regex {
  /** the whole text */
  readonly matches: (text: string) => boolean
  /** every match replaced; `\1` stands for a group, `\0` for the match */
  readonly replaceAll: (text: string, replacement: string) => string
}

/** @throws Error what is wrong with the pattern */
export function compileRegex(pattern: string): Regex {
  const compiled = RE2JS.compile(pattern)
  return {
    matches: (text) => compiled.testExact(text),
    replaceAll(text, replacement) {
      const matcher = compiled.matcher(text)
      let result = ''
      let end = 0
      while (matcher.find()) {
        result += text.slice(end, matcher.start())
        result += replacement.replace(/\\([0-9\\])/g, (_, character: string) => {
          if (character === '\\') return character
          return Number(character) > matcher.groupCount() ? '' : (matcher.group(Number(character)) ?? '')
        })
        end = matcher.end()
      }
      return result + text.slice(end)
    },
  }
}
