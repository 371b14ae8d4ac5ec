/**
 * Which rules are on: `# check=skip=A,B;error=true;experimental=C` at the top of the file, or above one instruction
 * (https://docs.docker.com/reference/dockerfile/#check).
 */
import type { Dockerfile } from '../instruction.ts'
import { ruleOf, type RuleName } from './rules.ts'

export interface Switches {
  readonly skipsAll: boolean
  readonly skipped: ReadonlySet<string>
  readonly experimentalAll: boolean
  readonly experimental: ReadonlySet<string>
  /** findings fail the build */
  readonly isError: boolean
}

/** Nothing is said. */
export const noSwitches: Switches = {
  skipsAll: false,
  skipped: new Set(),
  experimentalAll: false,
  experimental: new Set(),
  isError: false,
}

/** Everything is off. */
export const allOff: Switches = { ...noSwitches, skipsAll: true }

const directive = /^([a-zA-Z][a-zA-Z0-9]*)[\t\n\f\r ]*=[\t\n\f\r ]*(.+)$/su
const truth = new Map([
  ...['1', 't', 'T', 'TRUE', 'true', 'True'].map((text) => [text, true] as const),
  ...['0', 'f', 'F', 'FALSE', 'false', 'False'].map((text) => [text, false] as const),
])

/** The switches of a whole file, or a sentence that says what is wrong with them. */
export function fileSwitches(dockerfile: Dockerfile, given: string | undefined): Switches | string {
  if (given !== undefined) return parseSwitches(given)
  const value = dockerfile.directives.find(({ name }) => name === 'check')?.value ?? ''
  return parseSwitches(firstWord(value))
}

/** What the first check comment above an instruction says; nothing when there is none that can be read. */
export function commentSwitches(comments: readonly string[]): Switches | undefined {
  for (const comment of comments) {
    const match = directive.exec(comment)
    if (match?.[1]?.toLowerCase() !== 'check') continue
    const own = parseSwitches(firstWord(match[2]!))
    return typeof own === 'string' ? undefined : own
  }
  return undefined
}

/** Whether a rule is on by what the file says and what the comment above an instruction adds. */
export function isOn(rule: RuleName, file: Switches, own: Switches = noSwitches): boolean {
  return ruleOf(rule).isExperimental === true
    ? isNamed(rule, file.experimentalAll, file.experimental) ||
        isNamed(rule, own.experimentalAll, own.experimental)
    : !isNamed(rule, file.skipsAll, file.skipped) && !isNamed(rule, own.skipsAll, own.skipped)
}

function isNamed(rule: RuleName, isAll: boolean, names: ReadonlySet<string>): boolean {
  return isAll || names.has(rule)
}

function parseSwitches(text: string): Switches | string {
  if (text.trim() === '') return noSwitches
  let switches = noSwitches
  for (const part of splitThree(text.trim())) {
    const equals = part.indexOf('=')
    if (equals === -1)
      return `check has the option ${JSON.stringify(part)}, which is not of the form name=value`
    const name = part.slice(0, equals).trim()
    const value = part.slice(equals + 1).trim()
    const list = new Set(value.split(',').map((rule) => rule.trim()))
    if (name === 'skip') {
      switches = { ...switches, ...(value === 'all' ? { skipsAll: true } : { skipped: list }) }
    } else if (name === 'experimental') {
      switches = { ...switches, ...(value === 'all' ? { experimentalAll: true } : { experimental: list }) }
    } else if (name === 'error') {
      const isError = truth.get(value)
      if (isError === undefined)
        return `check has error=${JSON.stringify(value)}, which is neither true nor false`
      switches = { ...switches, isError }
    } else
      return `check has the option ${JSON.stringify(name)}, which is none of skip, experimental and error`
  }
  return switches
}

/** At most three parts, as BuildKit cuts them. */
function splitThree(text: string): string[] {
  const [first = '', second, ...rest] = text.split(';')
  return [first, ...(second === undefined ? [] : [second]), ...(rest.length === 0 ? [] : [rest.join(';')])]
}

function firstWord(value: string): string {
  const space = value.indexOf(' ')
  return space === -1 ? value : value.slice(0, space)
}
