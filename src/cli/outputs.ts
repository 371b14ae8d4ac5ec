/** Where the images of a run go: `--push`, `--save DIR`, `-o type=…` and the default layout. */
import { resolve } from 'node:path'
import { Failure, nearest } from '../base/index.ts'

export type Output = { readonly kind: 'registry' } | { readonly kind: 'layout'; readonly folder: string }

export interface OutputFlags {
  readonly push?: boolean | undefined
  /** folders for layouts */
  readonly save?: readonly string[] | undefined
  /** `-o` values as written */
  readonly output?: readonly string[] | undefined
}

/** The layout under the project root that results go to when no output is asked for. */
const defaultFolder = '.slipway/oci'
const later = new Set(['docker', 'local', 'tar', 'image', 'cacheonly'])

/** Every output asked for, each once. @throws Failure USAGE */
export function parseOutputs(flags: OutputFlags, directory: string, root: string): Output[] {
  const outputs = new Map<string, Output>()
  const add = (output: Output): void => void outputs.set(JSON.stringify(output), output)
  if (flags.push) add({ kind: 'registry' })
  for (const folder of flags.save ?? []) add({ kind: 'layout', folder: resolve(directory, folder) })
  for (const text of flags.output ?? []) add(parseOutput(text, directory))
  if (outputs.size === 0) add({ kind: 'layout', folder: resolve(root, defaultFolder) })
  return [...outputs.values()]
}

/** `type=oci,dest=DIR` or `type=registry`; a bare path is a layout folder. */
function parseOutput(text: string, directory: string): Output {
  if (!text.includes('=')) return { kind: 'layout', folder: resolve(directory, text) }
  const fields = new Map(text.split(',').map((field) => splitField(field, text)))
  const type = fields.get('type') ?? (fields.has('dest') ? 'oci' : undefined)
  const unknown = [...fields.keys()].find((name) => !['type', 'dest', 'tar'].includes(name))
  if (unknown !== undefined)
    throw badOutput(text, `it has the unknown field "${unknown}"`, nearest(unknown, ['type', 'dest', 'tar']))
  if (type === 'registry') return { kind: 'registry' }
  if (type !== undefined && later.has(type))
    throw badOutput(text, `the type ${type} is not supported yet`, 'type=oci,dest=DIR or type=registry')
  if (type !== 'oci') throw badOutput(text, `"${type ?? ''}" is not an output type`, 'oci or registry')
  if (fields.get('tar') === 'true')
    throw badOutput(text, 'an archive of a layout is not supported yet', 'leave tar=true out for a folder')
  const folder = fields.get('dest')
  if (!folder) throw badOutput(text, 'it names no folder', 'type=oci,dest=DIR')
  return { kind: 'layout', folder: resolve(directory, folder) }
}

function splitField(field: string, text: string): [string, string] {
  const equals = field.indexOf('=')
  if (equals > 0) return [field.slice(0, equals), field.slice(equals + 1)]
  throw badOutput(text, `"${field}" is not name=value`)
}

function badOutput(text: string, why: string, hint?: string): Failure {
  return new Failure('USAGE', `cannot use the output "${text}": ${why}`, {
    hint: hint === undefined ? undefined : `write ${hint}`,
  })
}
