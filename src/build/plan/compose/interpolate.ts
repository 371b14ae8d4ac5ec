/**
 * Variables in texts of compose files (docs.docker.com/reference/compose-file/interpolation): `$NAME`, `${NAME}`, with
 * `:-` `-` a default, with `:?` `?` an error, with `:+` `+` something else instead; `$$` for a dollar sign.
 */
import { Failure, type Place } from '../../../base/index.ts'
import { closingBrace } from '../closing-brace.ts'

export interface Variables {
  readonly get: (name: string) => string | undefined
  /** a variable without a value was used, where nothing says what to do then */
  readonly missing: (name: string, at: Place) => void
}

const plain = /\$([a-zA-Z_][a-zA-Z0-9_]*)/y
const braced = /\$\{([a-zA-Z_][a-zA-Z0-9_]*)(:?[-+?])?/y

/** @throws Failure PLAN_INVALID for what is no variable, and for one that must be set and is not */
export function interpolate(text: string, variables: Variables, at: () => Place): string {
  let result = ''
  let index = 0
  for (;;) {
    const dollar = text.indexOf('$', index)
    if (dollar < 0) return result + text.slice(index)
    result += text.slice(index, dollar)
    const [value, next] = substitute(text, dollar, { variables, at })
    result += value
    index = next
  }
}

interface Context {
  readonly variables: Variables
  readonly at: () => Place
}

function substitute(text: string, dollar: number, context: Context): [string, number] {
  if (text[dollar + 1] === '$') return ['$', dollar + 2]
  plain.lastIndex = dollar
  const named = plain.exec(text)
  if (named) return [plainValue(named[1]!, context), plain.lastIndex]
  braced.lastIndex = dollar
  const match = braced.exec(text)
  // A dollar sign that begins nothing is itself.
  if (!match && text[dollar + 1] !== '{') return ['$', dollar + 1]
  const end = match ? closingBrace(text, dollar + 2) : -1
  if (!match || end < 0 || (match[2] === undefined && end !== braced.lastIndex))
    throw new Failure('PLAN_INVALID', `"${text.slice(dollar, dollar + 20)}" is not a variable`, {
      at: context.at(),
      hint: 'write ${NAME} or ${NAME:-default}, and $$ for a dollar sign',
    })
  const [name = '', operator] = match.slice(1)
  if (operator === undefined) return [plainValue(name, context), end + 1]
  return [operated(name, operator, { rest: text.slice(dollar + match[0].length, end), ...context }), end + 1]
}

function plainValue(name: string, { variables, at }: Context): string {
  const value = variables.get(name)
  if (value === undefined) variables.missing(name, at())
  return value ?? ''
}

function operated(
  name: string,
  operator: string,
  { rest, variables, at }: Context & { rest: string },
): string {
  const value = variables.get(name)
  const isThere = operator.startsWith(':') ? value !== undefined && value !== '' : value !== undefined
  const other = () => interpolate(rest, variables, at)
  if (operator.endsWith('+')) return isThere ? other() : (value ?? '')
  if (isThere) return value!
  if (operator.endsWith('-')) return other()
  const why = other()
  throw new Failure('PLAN_INVALID', `variable ${name} must be set${why === '' ? '' : `: ${why}`}`, {
    at: at(),
    hint: `set it in the environment or in .env`,
  })
}
