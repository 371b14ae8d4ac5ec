/** What registries.conf says: which hosts need no TLS, and where an image is really pulled from. Pure. */
import { Failure } from '../base/index.ts'

/** One `[[registry]]` table. */
export interface RegistryRule {
  /** `host[:port][/namespace…]` or `*.host` that names of images start with */
  readonly prefix: string
  /** what stands in place of the prefix in addresses; empty for the prefix itself */
  readonly location: string
  readonly isInsecure: boolean
  readonly isBlocked: boolean
  readonly mirrors: readonly MirrorRule[]
  /** file it was read from */
  readonly file: string
}

export interface MirrorRule {
  readonly location: string
  readonly isInsecure: boolean
  /** the kind of reference it is asked for */
  readonly pulls: 'all' | 'digest-only' | 'tag-only'
}

/** In the order of the files; at most one for each prefix. */
export type RegistryRules = readonly RegistryRule[]

/** Where an image is asked for. */
export interface PullPlace {
  readonly host: string
  readonly repository: string
}

export interface PullPlaces {
  /** in the order they are tried */
  readonly mirrors: readonly (PullPlace & Pick<MirrorRule, 'pulls'>)[]
  /** tried last */
  readonly location: PullPlace
  /** the file that forbids to pull it */
  readonly blockedBy: string | undefined
}

/** The rules of one parsed file; also in the old form with lists. @throws Failure REGISTRY_CONFIG */
export function parseRules(document: Readonly<Record<string, unknown>>, file: string): RegistryRules {
  const tables = document['registry'] ?? []
  if (!Array.isArray(tables)) throw invalid(file, 'registry is no array of tables')
  return [...oldRules(document['registries'], file), ...tables.map((table) => parseRule(table, file))]
}

function parseRule(table: unknown, file: string): RegistryRule {
  const fields = fieldsOf(table, file)
  const location = fields.text('location')
  const prefix = fields.text('prefix') || location
  if (prefix === '') throw invalid(file, 'a [[registry]] has neither prefix nor location')
  if (/\/[^/]*[:@]/.test(prefix)) throw invalid(file, `the prefix ${prefix} has a tag or digest`)
  const byDigest = fields.flag('mirror-by-digest-only')
  return {
    prefix,
    location,
    isInsecure: fields.flag('insecure'),
    isBlocked: fields.flag('blocked'),
    mirrors: fields.tables('mirror').map((mirror) => {
      const own = fieldsOf(mirror, file)
      const pulls = own.text('pull-from-mirror') || (byDigest ? 'digest-only' : 'all')
      if (pulls !== 'all' && pulls !== 'digest-only' && pulls !== 'tag-only')
        throw invalid(file, `pull-from-mirror = "${pulls}" is not all, digest-only or tag-only`)
      const place = own.text('location')
      if (place === '') throw invalid(file, `a mirror of ${prefix} has no location`)
      return { location: place, isInsecure: own.flag('insecure'), pulls }
    }),
    file,
  }
}

/** `[registries.insecure] registries = […]` and `[registries.block]`. */
function oldRules(value: unknown, file: string): RegistryRule[] {
  if (value === undefined) return []
  const hostsOf = (name: string): string[] => {
    const list = (fieldsOf(value, file).table(name) ?? {})['registries'] ?? []
    if (Array.isArray(list) && list.every((host) => typeof host === 'string')) return list
    throw invalid(file, `registries.${name}.registries is no list of hosts`)
  }
  const insecure = new Set(hostsOf('insecure'))
  const blocked = new Set(hostsOf('block'))
  return [...new Set([...insecure, ...blocked])].map((prefix) => ({
    prefix,
    location: '',
    isInsecure: insecure.has(prefix),
    isBlocked: blocked.has(prefix),
    mirrors: [],
    file,
  }))
}

/** Whether some place on the host is declared insecure. */
export function isInsecureHost(rules: RegistryRules, host: string): boolean {
  const isOn = (place: string) =>
    place.startsWith('*.') ? host.endsWith(place.slice(1)) : place.split('/', 1)[0] === host
  return rules.some(
    (rule) =>
      (rule.isInsecure && isOn(rule.location || rule.prefix)) ||
      rule.mirrors.some((mirror) => mirror.isInsecure && isOn(mirror.location)),
  )
}

/** Where a repository is pulled from; nothing when no rule speaks of it. The longest prefix decides. */
export function pullPlaces(rules: RegistryRules, host: string, repository: string): PullPlaces | undefined {
  const name = `${host}/${repository}`
  const matching = rules
    .map((rule) => ({ rule, length: matchedLength(rule.prefix, name, host) }))
    .filter(({ length }) => length > 0)
    .toSorted((a, b) => b.length - a.length || b.rule.prefix.length - a.rule.prefix.length)
  const [best] = matching
  if (!best) return undefined
  const { rule, length } = best
  const rest = name.slice(length)
  return {
    mirrors: rule.mirrors.map(({ location, pulls }) => ({ ...placeOf(location + rest), pulls })),
    location: placeOf(rule.location === '' ? name : rule.location + rest),
    blockedBy: rule.isBlocked ? rule.file : undefined,
  }
}

/** How much of the name a prefix stands for; 0 when it does not match. */
function matchedLength(prefix: string, name: string, host: string): number {
  if (prefix.startsWith('*.')) return host.endsWith(prefix.slice(1)) ? host.length : 0
  return name === prefix || name.startsWith(`${prefix}/`) ? prefix.length : 0
}

function placeOf(name: string): PullPlace {
  const slash = name.indexOf('/')
  return slash < 0
    ? { host: name, repository: '' }
    : { host: name.slice(0, slash), repository: name.slice(slash + 1) }
}

function fieldsOf(value: unknown, file: string) {
  if (!isTable(value)) throw invalid(file, 'a table was expected')
  const typed = <T>(name: string, isRight: (field: unknown) => field is T, what: string): T | undefined => {
    const field = value[name]
    if (field === undefined || isRight(field)) return field
    throw invalid(file, `${name} is not ${what}`)
  }
  return {
    text: (name: string) => typed(name, (field) => typeof field === 'string', 'a text') ?? '',
    flag: (name: string) => typed(name, (field) => typeof field === 'boolean', 'true or false') ?? false,
    table: (name: string) => typed(name, isTable, 'a table'),
    tables: (name: string) => typed(name, isList, 'an array of tables') ?? [],
  }
}

function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isList(value: unknown): value is unknown[] {
  return Array.isArray(value)
}

function invalid(file: string, why: string): Failure {
  return new Failure('REGISTRY_CONFIG', `${file} cannot be understood: ${why}`, {
    hint: 'man containers-registries.conf describes it',
  })
}
