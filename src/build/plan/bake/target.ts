/** Targets and groups of bake files, and how targets of one name become one. */
import type { Place } from '../../../base/index.ts'
import type { Entry } from './entries.ts'
import { fieldOf, type FieldName } from './fields.ts'

export type Pairs = ReadonlyMap<string, string | null>
export type FieldValue = string | boolean | readonly string[] | Pairs | readonly Entry[]

export interface BakeTarget {
  readonly name: string
  readonly at: Place
  /** what is set; the kind of each value is that of its field */
  readonly fields: ReadonlyMap<FieldName, FieldValue>
  /** of each field that is set */
  readonly places: ReadonlyMap<FieldName, Place>
}

export interface BakeGroup {
  readonly name: string
  readonly targets: readonly string[]
  readonly description: string | undefined
  readonly at: Place
}

export interface BakeConfig {
  readonly groups: readonly BakeGroup[]
  readonly targets: readonly BakeTarget[]
}

export function textOf(target: BakeTarget, name: FieldName): string | undefined {
  return target.fields.get(name) as string | undefined
}

export function flagOf(target: BakeTarget, name: FieldName): boolean {
  return target.fields.get(name) === true
}

export function textsOf(target: BakeTarget, name: FieldName): readonly string[] {
  return (target.fields.get(name) as readonly string[] | undefined) ?? []
}

/** Names with a value, those without left out. */
export function pairsOf(target: BakeTarget, name: FieldName): ReadonlyMap<string, string> {
  const pairs = (target.fields.get(name) as Pairs | undefined) ?? new Map<string, string>()
  return new Map([...pairs].filter((pair): pair is [string, string] => pair[1] !== null))
}

export function entriesOf(target: BakeTarget, name: FieldName): readonly Entry[] {
  return (target.fields.get(name) as readonly Entry[] | undefined) ?? []
}

export function placeOfField(target: BakeTarget, name: FieldName): Place {
  return target.places.get(name) ?? target.at
}

/** The first target with what the second says added or put in its place. */
export function mergeTargets(first: BakeTarget, second: BakeTarget): BakeTarget {
  const fields = new Map(first.fields)
  for (const [name, value] of second.fields) fields.set(name, mergeValues(name, fields.get(name), value))
  return { ...first, at: second.at, fields, places: new Map([...first.places, ...second.places]) }
}

function mergeValues(name: FieldName, first: FieldValue | undefined, second: FieldValue): FieldValue {
  const { kind, appends } = fieldOf(name)
  if (kind === 'pairs') {
    const given = Array.from(second as Pairs).filter(([, value]) => value !== null)
    return new Map([...((first as Pairs | undefined) ?? []), ...given])
  }
  if (!appends || first === undefined) return second
  if (kind === 'entries') return [...(first as readonly Entry[]), ...(second as readonly Entry[])]
  return [...(first as readonly string[]), ...(second as readonly string[])]
}

/** Each text and entry once, empty ones left out; the network of the host needs its entitlement. */
export function normaliseTarget(target: BakeTarget): BakeTarget {
  const fields = new Map<FieldName, FieldValue>()
  for (const [name, value] of target.fields) {
    const { kind, key } = fieldOf(name)
    if (kind === 'texts') fields.set(name, uniqueTexts(value as readonly string[]))
    else if (kind === 'entries') fields.set(name, uniqueEntries(value as readonly Entry[], key))
    else if (name === 'contexts') fields.set(name, withoutEmpty(value as Pairs))
    else fields.set(name, value)
  }
  if (fields.get('network') === 'host') {
    const before = (fields.get('entitlements') as readonly string[] | undefined) ?? []
    fields.set('entitlements', uniqueTexts([...before, 'network.host']))
  }
  return { ...target, fields }
}

function uniqueTexts(texts: readonly string[]): string[] {
  return [...new Set(texts)].filter((text) => text !== '')
}

function uniqueEntries(entries: readonly Entry[], key: string | undefined): Entry[] {
  const keyOf = (entry: Entry): string =>
    key === undefined
      ? JSON.stringify(Object.entries(entry).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : (entry[key] ?? '')
  return [...new Map(entries.map((entry) => [keyOf(entry), entry] as const)).values()]
}

function withoutEmpty(pairs: Pairs): Pairs {
  return new Map([...pairs].filter(([, value]) => value !== ''))
}

/** Targets of one name become one, in the order they come; a later group takes the place of an earlier one. */
export function mergeConfigs(configs: readonly BakeConfig[]): BakeConfig {
  const targets = new Map<string, BakeTarget>()
  const groups = new Map<string, BakeGroup>()
  for (const config of configs) {
    for (const target of config.targets) {
      const known = targets.get(target.name)
      targets.set(target.name, known ? mergeTargets(known, target) : target)
    }
    for (const group of config.groups)
      groups.set(group.name, { ...group, targets: [...new Set(group.targets)] })
  }
  return { targets: [...targets.values()], groups: [...groups.values()] }
}
