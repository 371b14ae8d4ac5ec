/** `.env` files (docs.docker.com/reference/compose-file/services/#env_file-format). */
import { Failure } from '../../../base/index.ts'
import { interpolate } from './interpolate.ts'

/** `name = value` in front of a value in quotes or up to the end of the line. */
const assignment = /^[ \t]*(?:export[ \t]+)?([\p{L}\p{Nd}_.[\]-]+)[ \t]*(?:[=:][ \t]*|$)/u

const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '"': '"', '\\': '\\', $: '$$' }

/**
 * The variables of a file. Those outside it, and those above in it, can be used in values that are not in single quotes.
 * @throws Failure PLAN_INVALID with file and line
 */
export function parseDotenv(
  text: string,
  file: string,
  outside: (name: string) => string | undefined,
): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/)
  const variables = { get: (name: string) => outside(name) ?? found.get(name), missing: () => undefined }
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index]!
    const start = index
    if (/^\s*(?:#|$)/.test(line)) continue
    const at = () => ({ file, line: start + 1, column: 1, endColumn: line.length + 1, lineText: line })
    const match = assignment.exec(line)
    if (!match)
      throw new Failure('PLAN_INVALID', `this is no variable of ${file}`, {
        at: at(),
        hint: 'write NAME=value',
      })
    const name = match[1]!
    const rest = line.slice(match[0].length)
    if (!/[=:]/.test(match[0])) {
      const inherited = outside(name)
      if (inherited !== undefined) found.set(name, inherited)
    } else if (rest.startsWith('"') || rest.startsWith("'")) {
      const quoted = readQuoted(lines, index, rest)
      if (!quoted)
        throw new Failure('PLAN_INVALID', `the value of ${name} has no closing quote`, { at: at() })
      index = quoted.line
      found.set(name, rest.startsWith("'") ? quoted.text : interpolate(unescape(quoted.text), variables, at))
    } else found.set(name, interpolate(rest.replace(/\s+#.*$/, '').trimEnd(), variables, at))
  }
  return found
}

/** What stands between the quotes, over several lines if need be, and the line it ends on. */
function readQuoted(
  lines: readonly string[],
  line: number,
  rest: string,
): { text: string; line: number } | undefined {
  const quote = rest[0]!
  let text = ''
  let current = rest.slice(1)
  for (let index = line; ; current = lines[index]!) {
    for (let position = 0; position < current.length; position++) {
      if (current[position] === quote) return { text, line: index }
      if (current[position] === '\\' && current[position + 1] !== undefined) {
        const next = current[++position]!
        text += next === quote ? quote : `\\${next}`
      } else text += current[position]!
    }
    if (++index >= lines.length) return undefined
    text += '\n'
  }
}

function unescape(text: string): string {
  return text.replaceAll(/\\([nrt"\\$])/g, (_, character: string) => escapes[character]!)
}
