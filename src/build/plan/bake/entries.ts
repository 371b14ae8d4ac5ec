/** Entries of outputs, caches, secrets, ssh, attestations and policies: texts such as `type=registry,ref=x`, or maps. */
import { csvFields } from '../../../base/index.ts'
import type { FieldName } from './fields.ts'

export type Entry = Readonly<Record<string, string>>

/** An entry is wrong. The message continues `"…" is no entry of output: `. */
export class EntryError extends Error {}

/**
 * What one text says. One text may be several caches: `ref1,ref2`.
 * @throws EntryError
 */
export function parseEntries(field: FieldName, text: string): Entry[] {
  if (text === '') return []
  if (field === 'ssh') return [parseSsh(text)]
  const fields = csvFields(text)
  if (!fields) throw new EntryError('a quote is not closed')
  if (field === 'output') return [parseOutput(text, fields)]
  if ((field === 'cache-from' || field === 'cache-to') && !text.includes('='))
    return fields.map((ref) => ({ type: 'registry', ref }))
  const entry = pairs(fields, field === 'attest' || field === 'policy')
  if (field === 'secret') return [parseSecret(entry)]
  return [checkType(field, entry)]
}

/** A map as it stands in the file. @throws EntryError */
export function checkEntry(field: FieldName, entry: Entry): Entry {
  if (field !== 'secret' && field !== 'ssh') return field === 'policy' ? entry : checkType(field, entry)
  const known = field === 'secret' ? ['id', 'src', 'env'] : ['id', 'paths']
  return Object.fromEntries(
    Object.entries(entry).filter(([name, value]) => known.includes(name) && value !== ''),
  )
}

function checkType(field: FieldName, entry: Entry): Entry {
  if (field === 'policy' || (entry['type'] ?? '') !== '') return entry
  throw new EntryError('it has no type')
}

/** A bare path is a folder, `-` a tar on the standard output. */
function parseOutput(text: string, fields: readonly string[]): Entry {
  const isBare = fields.length === 1 && fields[0] === text && !text.startsWith('type=')
  if (isBare) return { type: text === '-' ? 'tar' : 'local', dest: text }
  return checkType('output', pairs(fields))
}

function parseSecret(entry: Entry): Entry {
  const { id, src = entry['source'], env, type, ...others } = entry
  const unknown = Object.keys(others).find((name) => name !== 'source')
  if (unknown !== undefined) throw new EntryError(`it has the unknown field "${unknown}"`)
  if (type !== undefined && type !== 'file' && type !== 'env')
    throw new EntryError(`its type "${type}" is not file or env`)
  const isEnv = type === 'env' && env === undefined
  const all = { id, src: isEnv ? undefined : src, env: isEnv ? src : env }
  return Object.fromEntries(
    Object.entries(all).filter((pair): pair is [string, string] => pair[1] !== undefined),
  )
}

function parseSsh(text: string): Entry {
  const equals = text.indexOf('=')
  return equals < 0 ? { id: text } : { id: text.slice(0, equals), paths: text.slice(equals + 1) }
}

function pairs(fields: readonly string[], keepsCase = false): Record<string, string> {
  return Object.fromEntries(
    fields.map((field) => {
      const equals = field.indexOf('=')
      if (equals < 0) throw new EntryError(`"${field}" is not name=value`)
      const name = field.slice(0, equals).trim()
      return [keepsCase ? name : name.toLowerCase(), field.slice(equals + 1)]
    }),
  )
}

/** An entry as the text `-o` and the like take. */
export function formatEntry(entry: Entry): string {
  const { type, dest, ...others } = entry
  const fields = [
    ...(type === undefined ? [] : [`type=${type}`]),
    ...(dest === undefined || dest === '' ? [] : [`dest=${dest}`]),
    ...Object.entries(others)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, value]) => `${name}=${value}`),
  ]
  return fields.map((field) => (/[",]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field)).join(',')
}
