/** `semvercmp`: whether a version fits a constraint, such as `>= 1.2, < 2 || ~3.1`. */
import { ArgumentError } from '../function.ts'
import { define, text, type FunctionTable } from './define.ts'

export const versionFunctions: FunctionTable = {
  semvercmp: define<[string, string]>([text('version'), text('constraint')], (version, constraint) => {
    const parsed = parseVersion(version)
    if (!parsed || parsed.given < 1) throw new ArgumentError(`"${version}" is no version`, 0)
    return constraint.split('||').some((all) => parseAll(all, constraint).every((one) => fits(parsed, one)))
  }),
}

interface Version {
  /** major, minor, patch; 0 where not given */
  readonly numbers: readonly [number, number, number]
  /** how many of them are given */
  readonly given: number
  readonly prerelease: readonly string[]
}

interface Constraint {
  readonly operator: string
  readonly version: Version
}

const versionPattern = /^v?(\d+|[xX*])(?:\.(\d+|[xX*]))?(?:\.(\d+|[xX*]))?(?:-([\w.-]+))?(?:\+[\w.-]+)?$/

function parseVersion(written: string): Version | undefined {
  const match = versionPattern.exec(written.trim())
  if (!match) return undefined
  const parts = [match[1], match[2], match[3]]
  const given = parts.findIndex((part) => part === undefined || /^[xX*]$/.test(part))
  const at = (index: number) => (given >= 0 && index >= given ? 0 : Number(parts[index]))
  return {
    numbers: [at(0), at(1), at(2)],
    given: given < 0 ? 3 : given,
    prerelease: match[4]?.split('.') ?? [],
  }
}

function parseAll(written: string, whole: string): Constraint[] {
  const range = /^\s*(\S+)\s+-\s+(\S+)\s*$/.exec(written)
  const texts = range ? [`>=${range[1]}`, `<=${range[2]}`] : written.match(/(?:[<>=!~^]+\s*)?[^\s,<>=!~^]+/g)
  if (!texts) throw new ArgumentError(`"${whole}" is no constraint`, 1)
  return texts.map((one) => {
    const [, operator = '', rest = ''] = /^([<>=!~^]*)\s*(.*)$/.exec(one)!
    const version = parseVersion(rest)
    if (!version || !Object.hasOwn(checks, operator)) throw new ArgumentError(`"${one}" is no constraint`, 1)
    return { operator, version }
  })
}

type Check = (version: Version, limit: Version) => boolean

/** Whether a version is one of those a limit that leaves numbers out stands for: `1.2` is `1.2.x`. */
const isPartOf: Check = (version, limit) => limit.given < 3 && sameUpTo(version, limit, limit.given)
const atLeast: Check = (version, limit) => compare(version, limit) >= 0
const equals: Check = (version, limit) => compare(version, limit) === 0 || isPartOf(version, limit)
const tilde: Check = (version, limit) =>
  atLeast(version, limit) && sameUpTo(version, limit, Math.min(limit.given, 2))

/** Up to the first number that is not 0. */
const caret: Check = (version, limit) => {
  const first = limit.numbers.findIndex((number) => number > 0)
  return (
    atLeast(version, limit) &&
    sameUpTo(version, limit, first < 0 ? limit.given : Math.min(first + 1, limit.given))
  )
}

const checks: Readonly<Record<string, Check>> = {
  '': equals,
  '=': equals,
  '!=': (version, limit) => !equals(version, limit),
  '>': (version, limit) => compare(version, limit) > 0 && !isPartOf(version, limit),
  '<': (version, limit) => compare(version, limit) < 0,
  '>=': atLeast,
  '=>': atLeast,
  '<=': (version, limit) => compare(version, limit) <= 0 || isPartOf(version, limit),
  '=<': (version, limit) => compare(version, limit) <= 0 || isPartOf(version, limit),
  '~': tilde,
  '~>': tilde,
  '^': caret,
}

/** A version before a release fits only what names one too. */
function fits(version: Version, { operator, version: limit }: Constraint): boolean {
  const isBefore = version.prerelease.length > 0 && limit.prerelease.length === 0
  return (!isBefore || operator === '!=') && checks[operator]!(version, limit)
}

function sameUpTo(a: Version, b: Version, count: number): boolean {
  return a.numbers.slice(0, count).every((number, index) => number === b.numbers[index])
}

/** Semantic Versioning 2.0.0 section 11. */
function compare(a: Version, b: Version): number {
  for (let index = 0; index < 3; index++) {
    const difference = a.numbers[index]! - b.numbers[index]!
    if (difference !== 0) return difference
  }
  if (a.prerelease.length === 0 || b.prerelease.length === 0) return b.prerelease.length - a.prerelease.length
  for (const [index, part] of a.prerelease.entries()) {
    const other = b.prerelease[index]
    if (other === undefined) return 1
    if (part === other) continue
    const [isNumber, isOtherNumber] = [/^\d+$/.test(part), /^\d+$/.test(other)]
    if (isNumber && isOtherNumber) return Number(part) - Number(other)
    if (isNumber !== isOtherNumber) return isNumber ? -1 : 1
    return part < other ? -1 : 1
  }
  return a.prerelease.length - b.prerelease.length
}
