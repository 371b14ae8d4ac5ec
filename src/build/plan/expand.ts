/**
 * Variables in texts of a plan. `slipway.yaml`: `$NAME`, `${NAME}`, `${NAME:-default}` (unset or empty),
 * `${NAME-default}` (unset), `$$` for a dollar sign; anything else is an error, and so is an unset variable without a
 * default. Istio's `docker.yaml`: as Go's os.Expand does, where an unset variable is empty.
 */
import { Failure, nearest, type Place } from '../../base/index.ts'
import type { Plan, PlanText, PlanWarning } from './model.ts'
import { closingBrace } from './closing-brace.ts'

/** Where variables are looked up. */
export interface Scope {
  /** nearest first */
  readonly variables: readonly ReadonlyMap<string, string>[]
  readonly env: Readonly<Record<string, string | undefined>>
  readonly format: Plan['format']
  /** names that exist, but not here, with the reason; for the message */
  readonly elsewhere?: ReadonlyMap<string, string>
  readonly warn: (warning: PlanWarning) => void
}

export interface Expanded {
  readonly text: string
  /** names of the variables that were looked up */
  readonly used: ReadonlySet<string>
}

/** @throws Failure PLAN_INVALID at the variable */
export function expand(source: PlanText, scope: Scope): Expanded {
  const used = new Set<string>()
  if (source.isLiteral || !source.text.includes('$')) return { text: source.text, used }
  const expansion: Expansion = { source, scope, used }
  const text = scope.format === 'istio' ? expandLikeGo(expansion) : expandText(expansion, source.text)
  return { text, used }
}

interface Expansion {
  readonly source: PlanText
  readonly scope: Scope
  readonly used: Set<string>
}

function lookup({ scope, used }: Expansion, name: string): string | undefined {
  used.add(name)
  for (const variables of scope.variables) {
    const value = variables.get(name)
    if (value !== undefined) return value
  }
  return scope.env[name]
}

const goVariable = /\$(?:\{([^}]*)\}|([*#$@!?\-0-9])|([A-Za-z_][A-Za-z0-9_]*))/g

function expandLikeGo(expansion: Expansion): string {
  const { source, scope } = expansion
  return source.text.replaceAll(goVariable, (written, braced?: string, special?: string, plain?: string) => {
    const name = braced ?? special ?? plain ?? ''
    const value = lookup(expansion, name)
    if (value === undefined)
      scope.warn({ message: `${written} is not set and taken as empty`, at: within(source.at, written) })
    return value ?? ''
  })
}

function expandText(expansion: Expansion, text: string): string {
  let result = ''
  let index = 0
  while (index < text.length) {
    const dollar = text.indexOf('$', index)
    if (dollar < 0) return result + text.slice(index)
    result += text.slice(index, dollar)
    const [value, next] = expandVariable(expansion, text, dollar)
    result += value
    index = next
  }
  return result
}

const plainVariable = /\$([A-Za-z_][A-Za-z0-9_]*)/y
const bracedVariable = /\$\{([A-Za-z_][A-Za-z0-9_]*)(:?-)?/y

/** The value of the variable whose dollar sign is at `dollar`, and the index after it. */
function expandVariable(expansion: Expansion, text: string, dollar: number): [string, number] {
  if (text[dollar + 1] === '$') return ['$', dollar + 2]
  plainVariable.lastIndex = dollar
  const plain = plainVariable.exec(text)
  if (plain) return [required(expansion, plain[1]!, plain[0]), plainVariable.lastIndex]
  bracedVariable.lastIndex = dollar
  const braced = bracedVariable.exec(text)
  const bodyStart = bracedVariable.lastIndex
  const end = braced ? closingBrace(text, dollar + 2) : -1
  if (!braced || end < 0 || (braced[2] === undefined && end !== bodyStart))
    throw notVariable(expansion, text, dollar)
  const name = braced[1]!
  if (braced[2] === undefined) return [required(expansion, name, text.slice(dollar, end + 1)), end + 1]
  const value = lookup(expansion, name)
  const isMissing = value === undefined || (braced[2] === ':-' && value === '')
  return [isMissing ? expandText(expansion, text.slice(bodyStart, end)) : value, end + 1]
}

function required(expansion: Expansion, name: string, written: string): string {
  const value = lookup(expansion, name)
  if (value !== undefined) return value
  const { source, scope } = expansion
  const elsewhere = scope.elsewhere?.get(name)
  const suggestion = nearest(
    name,
    scope.variables.flatMap((variables) => [...variables.keys()]),
  )
  throw new Failure('PLAN_INVALID', `variable ${name} is not set${elsewhere ? ` here: ${elsewhere}` : ''}`, {
    at: within(source.at, written),
    hint: suggestion
      ? `did you mean "${suggestion}"?`
      : `set it in the environment, or give a default: \${${name}:-value}`,
  })
}

function notVariable({ source }: Expansion, text: string, dollar: number): Failure {
  const written = text.slice(dollar, dollar + 2)
  return new Failure('PLAN_INVALID', `"${text.slice(dollar, dollar + 20)}" is not a variable`, {
    at: within(source.at, written),
    hint: 'write ${NAME} or ${NAME:-default}, and $$ for a dollar sign',
  })
}

/** The place of `written` in the line of `at`, or `at` when it is not found there. */
function within(at: Place, written: string): Place {
  const index = at.lineText?.indexOf(written, at.column - 1) ?? -1
  if (index < 0) return at
  return { ...at, column: index + 1, endColumn: index + 1 + written.length }
}
