/** `-o type=oci,dest=x.tar,tar=true` as an `Output`, with the meanings of `docker buildx build --output`. */
import { resolve } from 'node:path'
import { csvFields, Failure, nearest } from '../base/index.ts'
import { codecOf, type Codec } from '../layer/index.ts'
import { standardOutput, type Output } from './output.ts'

/** The fields of one output, and how to complain about them. */
interface Fields {
  readonly text: string
  readonly map: ReadonlyMap<string, string>
  /** absolute path, `-` or nothing */
  readonly dest: string | undefined
}

interface OutputType {
  /** fields it takes besides `type` */
  readonly fields: readonly string[]
  readonly read: (fields: Fields) => Output
}

/** how layers are compressed */
const packing = ['compression', 'compression-level']

const types: Readonly<Record<string, OutputType>> = {
  oci: { fields: ['dest', 'tar', ...packing], read: readOci },
  docker: { fields: ['dest', 'tar', 'context', ...packing], read: readDocker },
  registry: { fields: ['push', ...packing], read: (fields) => readPushed(fields, true) },
  image: { fields: ['push', ...packing], read: (fields) => readPushed(fields, false) },
  local: { fields: ['dest'], read: (fields) => ({ kind: 'local', folder: folderOf(fields) }) },
  tar: { fields: ['dest'], read: (fields) => ({ kind: 'tar', path: archiveOf(fields) }) },
  cacheonly: { fields: [], read: () => ({ kind: 'none' }) },
}

/** Fields of BuildKit that ask for what is always so here. */
const alwaysTrue = new Set(['oci-mediatypes', 'rewrite-timestamp'])

/** Names that would mislead whoever opens the file: an archive is not compressed as a whole. */
const compressedName = /\.(?:tgz|tar\.(?:gz|zst|xz|bz2))$/

/**
 * One value of `-o`. A bare path is a folder for the image's file system, and `-` a tar of it on the standard output.
 * Paths are relative to `directory`.
 * @throws Failure USAGE
 */
export function parseOutput(text: string, directory: string): Output {
  if (text === standardOutput) return { kind: 'tar', path: standardOutput }
  if (text !== '' && !text.includes('=')) return { kind: 'local', folder: resolve(directory, text) }
  const map = readFields(text)
  const type = Object.entries(types).find(([name]) => name === map.get('type'))
  if (type === undefined) throw wrongType(text, map.get('type'))
  checkFields(text, type, map)
  const dest = map.get('dest')
  if (dest === '') throw badOutput(text, 'its dest is empty')
  const isPath = dest !== undefined && dest !== standardOutput
  return type[1].read({ text, map, dest: isPath ? resolve(directory, dest) : dest })
}

/** A folder, or a tar where the name ends in `.tar`, `tar=true` says so or nothing is named. */
function readOci(fields: Fields): Output {
  const { dest } = fields
  const isTar = booleanOf(fields, 'tar')
  const looksLikeTar = dest === undefined || dest === standardOutput || dest.endsWith('.tar')
  if (isTar ?? looksLikeTar)
    return { kind: 'archive', format: 'oci', path: archiveOf(fields), ...packedBy(fields) }
  if (isTar === undefined) archiveOf(fields)
  return { kind: 'layout', folder: folderOf(fields), ...packedBy(fields) }
}

/** A tar where something is named, else a daemon. */
function readDocker(fields: Fields): Output {
  const { text, map, dest } = fields
  if (booleanOf(fields, 'tar') === false)
    throw badOutput(text, 'a docker archive is always a tar', 'type=oci,dest=DIR for a folder')
  if (dest === undefined) {
    const field = packing.find((name) => map.has(name))
    if (field !== undefined) throw badOutput(text, `a daemon unpacks layers at once and takes no ${field}`)
    return { kind: 'docker', context: map.get('context') }
  }
  if (map.has('context')) throw badOutput(text, 'it has both a dest and a context')
  return { kind: 'archive', format: 'docker', path: archiveOf(fields), ...packedBy(fields) }
}

function readPushed(fields: Fields, isDefault: boolean): Output {
  if (booleanOf(fields, 'push') ?? isDefault) return { kind: 'registry', ...packedBy(fields) }
  throw badOutput(
    fields.text,
    'it names no place',
    'push=true for a registry, or type=docker for a Docker daemon',
  )
}

function packedBy({ text, map }: Fields): { readonly codec?: Codec } {
  const [name, level] = packing.map((field) => map.get(field))
  if (name !== undefined) return { codec: codecOf(name, level) }
  if (level === undefined) return {}
  throw badOutput(text, 'it has a level and no compression', 'compression=gzip or compression=zstd')
}

function folderOf({ text, dest }: Fields): string {
  if (dest !== undefined && dest !== standardOutput) return dest
  throw badOutput(text, 'it names no folder', 'dest=DIR')
}

function archiveOf({ text, dest = standardOutput }: Fields): string {
  if (!compressedName.test(dest)) return dest
  throw badOutput(text, 'an archive is not compressed as a whole', 'a dest that ends in .tar')
}

/** Go's `strconv.ParseBool`, as buildx reads it. */
function booleanOf({ text, map }: Pick<Fields, 'text' | 'map'>, name: string): boolean | undefined {
  const value = map.get(name)
  if (value === undefined) return undefined
  if (/^(?:1|t|T|TRUE|true|True)$/.test(value)) return true
  if (/^(?:0|f|F|FALSE|false|False)$/.test(value)) return false
  throw badOutput(text, `"${value}" is not a value of ${name}`, `${name}=true or ${name}=false`)
}

function readFields(text: string): Map<string, string> {
  const map = new Map<string, string>()
  const list = csvFields(text)
  if (list === undefined) throw badOutput(text, 'it is empty, or a quote is not closed')
  for (const field of list) {
    const equals = field.indexOf('=')
    if (equals < 1) throw badOutput(text, `"${field}" is not name=value`)
    const name = field.slice(0, equals).trim().toLowerCase()
    if (map.has(name)) throw badOutput(text, `it has "${name}" twice`)
    map.set(name, field.slice(equals + 1))
  }
  return map
}

function checkFields(
  text: string,
  [type, { fields }]: [string, OutputType],
  map: ReadonlyMap<string, string>,
): void {
  const everywhere = [...alwaysTrue, ...Object.values(types).flatMap((other) => other.fields)]
  for (const name of map.keys()) {
    if (name === 'type' || fields.includes(name)) continue
    if (alwaysTrue.has(name) && booleanOf({ text, map }, name) === true) continue
    if (name === 'name') throw badOutput(text, 'names are not part of an output', '-t NAME for each of them')
    const why = everywhere.includes(name)
      ? `the type ${type} cannot have "${name}=${map.get(name)}"`
      : `it has the unknown field "${name}"`
    throw badOutput(text, why, nearest(name, fields))
  }
}

function wrongType(text: string, type: string | undefined): Failure {
  if (type === undefined) return badOutput(text, 'it has no type', 'type=oci,dest=DIR or the like')
  const names = Object.keys(types)
  return badOutput(text, `"${type}" is not an output type`, nearest(type, names) ?? names.join(', '))
}

function badOutput(text: string, why: string, hint?: string): Failure {
  return new Failure('USAGE', `cannot use the output "${text}": ${why}`, {
    hint: hint === undefined ? undefined : `write ${hint}`,
  })
}
