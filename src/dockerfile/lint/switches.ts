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

const none: Switches = {
  skipsAll: false,
  skipped: new Set(),
  experimentalAll: false,
  experimental: new Set(),
  isError: false,
}

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

/** With the first check comment above an instruction; one that cannot be read changes nothing. */
export function mergeComments(switches: Switches, comments: readonly string[]): Switches {
  for (const comment of comments) {
    const match = directive.exec(comment)
    if (match?.[1]?.toLowerCase() !== 'check') continue
    const own = parseSwitches(firstWord(match[2]!))
    if (typeof own === 'string') return switches
    return {
      skipsAll: switches.skipsAll || own.skipsAll,
      skipped: new Set([...switches.skipped, ...own.skipped]),
      experimentalAll: switches.experimentalAll || own.experimentalAll,
      experimental: new Set([...switches.experimental, ...own.experimental]),
      isError: switches.isError,
    }
  }
  return switches
}

export function isOn(rule: RuleName, switches: Switches): boolean {
  return ruleOf(rule).isExperimental === true
    ? switches.experimentalAll || switches.experimental.has(rule)
    : !switches.skipsAll && !switches.skipped.has(rule)
}

function parseSwitches(text: string): Switches | string {
  if (text.trim() === '') return none
  let switches = none
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
