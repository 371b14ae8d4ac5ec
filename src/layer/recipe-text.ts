/** A recipe as JSON text, to be read again in another run. */
import type { Entry, FileSource } from './entry.ts'
import type { Fingerprint } from './fingerprint.ts'
import { makeRecipe, type Recipe } from './recipe.ts'

interface WrittenEntry extends Omit<Entry, 'source' | 'xattrs'> {
  /** base64 */
  readonly bytes?: string
  /** host path */
  readonly file?: string
  /** dev, ino, size, mtimeNs, ctimeNs, mode in decimal */
  readonly print?: string
  /** by name, base64 */
  readonly xattrs?: Readonly<Record<string, string>>
}

export function formatRecipe({ entries }: Recipe): string {
  return JSON.stringify(entries.map(writeEntry))
}

/** @throws Error when it is not what `formatRecipe` wrote */
export function parseRecipe(text: string): Recipe {
  return makeRecipe((JSON.parse(text) as WrittenEntry[]).map(readEntry))
}

function writeEntry({ source, xattrs, ...entry }: Entry): WrittenEntry {
  return {
    ...entry,
    ...(source?.kind === 'bytes' && { bytes: Buffer.from(source.bytes).toString('base64') }),
    ...(source?.kind === 'file' && { file: source.path, print: formatFingerprint(source.fingerprint) }),
    ...(xattrs && { xattrs: mapValues(xattrs, (value) => Buffer.from(value).toString('base64')) }),
  }
}

function readEntry({ bytes, file, print, xattrs, ...entry }: WrittenEntry): Entry {
  const source = readSource(bytes, file, print)
  return {
    ...entry,
    ...(source && { source }),
    ...(xattrs && { xattrs: mapValues(xattrs, (value) => Buffer.from(value, 'base64')) }),
  }
}

function readSource(bytes?: string, file?: string, print?: string): FileSource | undefined {
  if (bytes !== undefined) return { kind: 'bytes', bytes: Buffer.from(bytes, 'base64') }
  if (file === undefined || print === undefined) return undefined
  return { kind: 'file', path: file, fingerprint: parseFingerprint(print) }
}

function formatFingerprint({ dev, ino, size, mtimeNs, ctimeNs, mode }: Fingerprint): string {
  return [dev, ino, size, mtimeNs, ctimeNs, mode].join(' ')
}

function parseFingerprint(text: string): Fingerprint {
  const [dev = 0n, ino = 0n, size = 0n, mtimeNs = 0n, ctimeNs = 0n, mode = 0n] = text.split(' ').map(BigInt)
  return { dev, ino, size, mtimeNs, ctimeNs, mode }
}

function mapValues<A, B>(record: Readonly<Record<string, A>>, map: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]))
}
