/** `--set` on a target of a bake or compose file. */
import { Failure } from '../../../base/index.ts'
import { booleanOf, type Override, type OverrideKey } from '../overrides.ts'
import { EntryError, parseEntries, type Entry } from './entries.ts'
import { fieldOf, type FieldName } from './fields.ts'
import { type BakeTarget, type FieldValue, type Pairs } from './target.ts'

const fieldOfKey: Partial<Record<OverrideKey, FieldName>> = {
  annotation: 'annotations',
  arg: 'args',
  entitlement: 'entitlements',
  'extra-host': 'extra-hosts',
  label: 'labels',
  platform: 'platforms',
  resource: 'resources',
  tag: 'tags',
  ulimit: 'ulimits',
}

/** What is added even without `+`. */
const alwaysAdded = new Set<OverrideKey>(['annotation', 'entitlement', 'attest'])

/** @throws Failure USAGE */
export function overrideTarget(target: BakeTarget, overrides: readonly Override[]): BakeTarget {
  const fields = new Map(target.fields)
  const ordered = overrides.toSorted((a, b) => rank(a) - rank(b))
  for (const override of ordered) applyOverride(fields, override)
  return { ...target, fields }
}

/** Shorthands work on outputs that are given, so they come last. */
function rank({ key }: Override): number {
  return key === 'push' ? 1 : key === 'load' ? 2 : 0
}

function applyOverride(fields: Map<FieldName, FieldValue>, override: Override): void {
  const { key, name, values } = override
  if (key === 'push' || key === 'load') {
    const outputs = (fields.get('output') as readonly Entry[] | undefined) ?? []
    const changed =
      key === 'push' ? withPush(outputs, booleanOf(override)) : withLoad(outputs, booleanOf(override))
    fields.set('output', changed)
    return
  }
  if (key === 'secret' && name !== undefined) return setSecret(fields, override)
  const field = fieldOfKey[key] ?? (key as FieldName)
  const value = values.at(-1) ?? ''
  switch (fieldOf(field).kind) {
    case 'text':
      fields.set(field, value)
      break
    case 'flag':
      fields.set(field, booleanOf(override))
      break
    case 'pairs':
      fields.set(field, new Map([...((fields.get(field) as Pairs | undefined) ?? []), [name!, value]]))
      break
    case 'texts':
      fields.set(field, [...kept<string>(fields, field, override), ...values.filter((text) => text !== '')])
      break
    case 'entries':
      fields.set(field, [
        ...kept<Entry>(fields, field, override),
        ...values.flatMap((text) => entries(field, text, override)),
      ])
  }
}

/** What the plan says, where the override adds to it. */
function kept<T>(
  fields: ReadonlyMap<FieldName, FieldValue>,
  field: FieldName,
  { key, appends, values }: Override,
): readonly T[] {
  const isCleared = values.length === 1 && values[0] === '' && !appends
  const stays = appends || (alwaysAdded.has(key) && !isCleared)
  return stays ? ((fields.get(field) as readonly T[] | undefined) ?? []) : []
}

function entries(field: FieldName, text: string, { written }: Override): Entry[] {
  try {
    return parseEntries(field, text)
  } catch (error) {
    if (!(error instanceof EntryError)) throw error
    throw new Failure('USAGE', `cannot use --set "${written}": ${error.message}`, { cause: error })
  }
}

function setSecret(fields: Map<FieldName, FieldValue>, override: Override): void {
  const { name, values, written } = override
  const secrets = (fields.get('secret') as readonly Entry[] | undefined) ?? []
  if (!secrets.some(({ id }) => id === name))
    throw new Failure('USAGE', `cannot use --set "${written}": the target has no secret "${name}"`)
  const [next = {}] = entries('secret', values.at(-1) ?? '', override)
  fields.set(
    'secret',
    secrets.map((secret) => (secret['id'] === name ? { ...next, id: name! } : secret)),
  )
}

function withPush(outputs: readonly Entry[], isOn: boolean): Entry[] {
  if (!isOn)
    return outputs.flatMap((output) => {
      if (output['type'] === 'registry') return []
      return [output['type'] === 'image' ? { ...output, push: 'false' } : output]
    })
  const pushed = outputs.map((output) => (output['type'] === 'image' ? { ...output, push: 'true' } : output))
  return outputs.every((output) => output['type'] === 'docker')
    ? [...pushed, { type: 'image', push: 'true' }]
    : pushed
}

function withLoad(outputs: readonly Entry[], isOn: boolean): Entry[] {
  const isDaemon = (output: Entry): boolean => output['type'] === 'docker' && (output['dest'] ?? '') === ''
  const isStored = (output: Entry): boolean =>
    ['image', 'registry', 'oci', 'docker'].includes(output['type'] ?? '')
  if (!isOn || outputs.some(isDaemon) || !outputs.every(isStored)) return [...outputs]
  return [...outputs, { type: 'docker' }]
}
