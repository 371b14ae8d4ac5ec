/** Resolved targets as buildx prints them (`docker buildx bake --print`): for comparison, and to read them back. */
import { posix } from 'node:path'
import type { Entry } from './entries.ts'
import { fieldNames, fieldOf, type FieldName } from './fields.ts'
import type { ResolvedBake } from './resolve-target.ts'
import type { BakeTarget, FieldValue, Pairs } from './target.ts'

export interface BakeDefinition {
  readonly group: Readonly<
    Record<string, { readonly description?: string; readonly targets: readonly string[] }>
  >
  readonly target: Readonly<Record<string, Readonly<Record<string, unknown>>>>
}

export function bakeDefinition({ groups, targets }: ResolvedBake): BakeDefinition {
  return {
    group: Object.fromEntries(Array.from(groups, ([name, members]) => [name, members])),
    target: Object.fromEntries(Array.from(targets, ([name, target]) => [name, printTarget(target)])),
  }
}

function printTarget(target: BakeTarget): Record<string, unknown> {
  const printed: Record<string, unknown> = {
    context: cleanContext((target.fields.get('context') as string | undefined) ?? '.'),
    dockerfile: target.fields.get('dockerfile') || 'Dockerfile',
  }
  for (const name of fieldNames) {
    const value = target.fields.get(name)
    if (name in printed || name === 'inherits' || value === undefined) continue
    const plain = printValue(name, value)
    if (!isEmpty(plain)) printed[name] = plain
  }
  return printed
}

function cleanContext(context: string): string {
  if (context.startsWith('cwd://'))
    return posix.normalize(context.slice('cwd://'.length) || '.').replace(/(?<=.)\/$/, '')
  if (/^(?:https?|git|ssh):\/\/|^git@/.test(context)) return context
  return posix.normalize(context).replace(/(?<=.)\/$/, '')
}

const escaped = new Set<FieldName>(['annotations', 'dockerfile-inline', 'labels', 'args', 'extra-hosts'])

function printValue(name: FieldName, value: FieldValue): unknown {
  const show = (text: string): string =>
    escaped.has(name) ? text.replaceAll('${', () => '$${').replaceAll('%{', '%%{') : text
  switch (fieldOf(name).kind) {
    case 'flag':
      return value
    case 'text':
      return show(value as string)
    case 'texts':
      return (value as readonly string[]).map(show)
    case 'pairs':
      return Object.fromEntries(
        Array.from(value as Pairs, ([key, text]) => [key, text === null ? null : show(text)]),
      )
    case 'entries':
      return (value as readonly Entry[]).map((entry) => printEntry(name, entry))
  }
}

function printEntry(name: FieldName, entry: Entry): Record<string, unknown> {
  if (name === 'ssh') {
    const { id = '', paths } = entry
    return { id, ...(paths !== undefined && paths !== '' && { paths: paths.split(',') }) }
  }
  if (name !== 'attest' || entry['disabled'] === undefined) return entry
  const { disabled, ...others } = entry
  return { ...others, ...(disabled === 'true' && { disabled: true }) }
}

function isEmpty(value: unknown): boolean {
  return value === '' || (typeof value === 'object' && value !== null && Object.keys(value).length === 0)
}
