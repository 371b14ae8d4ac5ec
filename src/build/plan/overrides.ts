/** `--set PATTERN.KEY=VALUE` (`KEY+=` adds), with the keys of buildx, for plans of every format. */
import { Failure, nearest } from '../../base/index.ts'
import { matchesName } from './name-pattern.ts'

/** Keys by their first name; others of a row are the same key. */
const keys = [
  ['annotation', 'annotations'],
  ['arg', 'args'],
  ['attest'],
  ['cache-from'],
  ['cache-to'],
  ['call'],
  ['context'],
  ['contexts'],
  ['dockerfile'],
  ['entitlement', 'entitlements'],
  ['extra-host', 'extra-hosts'],
  ['label', 'labels'],
  ['load'],
  ['network'],
  ['no-cache'],
  ['no-cache-filter'],
  ['output'],
  ['platform', 'platforms'],
  ['policy'],
  ['pull'],
  ['push'],
  ['resource', 'resources'],
  ['secret', 'secrets'],
  ['shm-size'],
  ['ssh'],
  ['tag', 'tags'],
  ['target'],
  ['ulimit', 'ulimits'],
] as const

export type OverrideKey = (typeof keys)[number][0]

/** Keys that need a name of their own: `app.args.VERSION=1`. */
const named = new Set<OverrideKey>(['arg', 'contexts', 'label', 'extra-host', 'resource'])
/** Keys that may have one. */
const maybeNamed = new Set<OverrideKey>(['secret'])
const lists = new Set<OverrideKey>([
  'annotation',
  'attest',
  'cache-from',
  'cache-to',
  'entitlement',
  'no-cache-filter',
  'output',
  'platform',
  'policy',
  'secret',
  'ssh',
  'tag',
  'ulimit',
])

export interface Override {
  /** as given, for messages */
  readonly written: string
  /** names that the pattern matches */
  readonly targets: readonly string[]
  readonly key: OverrideKey
  /** of an argument, a label and the like */
  readonly name: string | undefined
  /** for lists every value given, else the last */
  readonly values: readonly string[]
  /** adds to what the plan says */
  readonly appends: boolean
}

export interface OverrideNames {
  /** targets or images that can be meant */
  readonly targets: readonly string[]
  /** of the plan file, for messages */
  readonly file: string
  readonly env: Readonly<Record<string, string | undefined>>
}

/** In the order of the command line; values for one list of one pattern come together. @throws Failure USAGE */
export function parseOverrides(texts: readonly string[], names: OverrideNames): Override[] {
  const overrides = new Map<string, Override>()
  for (const text of texts) {
    const override = parseOverride(text, names)
    if (!override) continue
    const { key, name, targets, values, appends } = override
    const id = JSON.stringify([targets, key, name])
    const before = overrides.get(id)
    const isCleared = lists.has(key) && values[0] === '' && !appends
    const all = lists.has(key) && before && !isCleared ? [...before.values, ...values] : values
    overrides.delete(id)
    overrides.set(id, { ...override, values: all, appends: appends && before?.appends !== false })
  }
  return [...overrides.values()]
}

function parseOverride(written: string, names: OverrideNames): Override | undefined {
  const equals = written.indexOf('=')
  const left = equals < 0 ? written : written.slice(0, equals)
  const appends = left.endsWith('+')
  const [pattern = '', keyText, ...rest] = (appends ? left.slice(0, -1) : left).split('.')
  const name = rest.length > 0 ? rest.join('.') : undefined
  if (keyText === undefined || pattern === '')
    throw badSet(
      written,
      'it is not TARGET.KEY=VALUE',
      '--set app.args.VERSION=1 or --set "*.platform=linux/arm64"',
    )
  const key = findKey(written, keyText)
  if (named.has(key) && (name === undefined || name === ''))
    throw badSet(written, `"${keyText}" needs a name`, `--set ${pattern}.${keyText}.NAME=value`)
  if (name !== undefined && !named.has(key) && !maybeNamed.has(key))
    throw badSet(written, `"${keyText}" has no parts`, `--set ${pattern}.${keyText}=value`)
  if (appends && !lists.has(key))
    throw badSet(written, `"${keyText}" is no list to add to`, `--set ${left.slice(0, -1)}=value`)
  const value = equals < 0 ? (key === 'arg' ? names.env[name!] : missing(written)) : written.slice(equals + 1)
  if (value === undefined) return undefined
  return { written, targets: matching(written, pattern, names), key, name, values: [value], appends }
}

function missing(written: string): never {
  throw badSet(written, 'it has no value', `--set ${written}=VALUE`)
}

function findKey(written: string, text: string): OverrideKey {
  const found = keys.find((row) => row.some((name) => name === text))
  if (found) return found[0]
  const all = keys.flat()
  throw badSet(
    written,
    `there is no key "${text}"`,
    nearest(text, all),
    `the keys are ${keys.map((row) => row.at(-1)).join(', ')}`,
  )
}

function matching(written: string, pattern: string, { targets, file }: OverrideNames): string[] {
  if (targets.includes(pattern)) return [pattern]
  const found = targets.filter((target) => matchesName(pattern, target))
  if (found.length > 0) return found
  const suggestion = nearest(pattern, targets)
  throw new Failure('PLAN_SELECTION', `--set "${written}": ${file} has no target that matches "${pattern}"`, {
    hint: suggestion ? `did you mean "${suggestion}"?` : `it has ${targets.slice(0, 20).join(', ')}`,
  })
}

function badSet(written: string, why: string, write: string | undefined, otherwise?: string): Failure {
  return new Failure('USAGE', `cannot use --set "${written}": ${why}`, {
    hint: write === undefined ? otherwise : `write ${write}`,
  })
}

/** @throws Failure USAGE */
export function booleanOf({ written, values, key }: Override): boolean {
  const value = values.at(-1) ?? ''
  if (/^(?:1|t|T|TRUE|true|True)$/.test(value)) return true
  if (/^(?:0|f|F|FALSE|false|False)$/.test(value)) return false
  throw badSet(written, `"${value}" is not true or false`, `--set TARGET.${key}=true`)
}
