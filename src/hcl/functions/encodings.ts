/** Encodings and hashes. */
import { createHash, randomUUID } from 'node:crypto'
import { ArgumentError } from '../function.ts'
import { fromPlain, list, object, toPlain, type Value } from '../value.ts'
import { define, text, value, type FunctionTable } from './define.ts'

const one = (call: (a: string) => Value) => define<[string]>([text('str')], call)
const hash = (algorithm: string) => one((a) => createHash(algorithm).update(a).digest('hex'))

export const encodingFunctions: FunctionTable = {
  base64encode: one((a) => Buffer.from(a).toString('base64')),
  base64decode: one(decodeBase64),
  urlencode: one((a) =>
    encodeURIComponent(a)
      .replaceAll(/[!'()*]/g, percent)
      .replaceAll('%20', '+'),
  ),
  jsonencode: define<[Value]>([value('val')], (a) => encodeJson(a)),
  jsondecode: one((a) => {
    try {
      return fromPlain(JSON.parse(a))
    } catch (error) {
      throw new ArgumentError(`it is no JSON: ${(error as Error).message}`, 0)
    }
  }),
  csvdecode: one(decodeCsv),
  md5: hash('md5'),
  sha1: hash('sha1'),
  sha256: hash('sha256'),
  sha512: hash('sha512'),
  uuidv4: define([], () => randomUUID()),
  uuidv5: define<[string, string]>([text('namespace'), text('name')], uuidOfName),
}

/** As Go writes JSON: with < > & as escapes. */
function encodeJson(a: Value): string {
  return JSON.stringify(toPlain(a)).replaceAll(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

function decodeBase64(a: string): string {
  const bytes = Buffer.from(a, 'base64')
  if (bytes.toString('base64') !== a.trim()) throw new ArgumentError('it is no base64', 0)
  return bytes.toString('utf8')
}

function percent(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`
}

/** Rows of RFC 4180 as maps by the names of the first row. */
function decodeCsv(a: string): Value {
  const rows = csvRows(a)
  const [names = []] = rows
  return list(
    rows.slice(1).map((row) => {
      if (row.length !== names.length)
        throw new ArgumentError(`a row has ${row.length} fields, the first has ${names.length}`, 0)
      return object(names.map((name, index) => [name, row[index]!] as const))
    }),
  )
}

function csvRows(a: string): string[][] {
  const rows: string[][] = []
  const field = /(?:"((?:[^"]|"")*)"|([^",\n]*))(,|\r?\n|$)/y
  let row: string[] = []
  while (field.lastIndex < a.length) {
    const match = field.exec(a)
    if (!match) throw new ArgumentError('a quote is not closed', 0)
    row.push(match[1]?.replaceAll('""', '"') ?? match[2]!.replace(/\r$/, ''))
    if (match[3] !== ',' || field.lastIndex >= a.length) {
      rows.push(row)
      row = []
    }
  }
  return rows.filter((fields) => fields.length > 1 || fields[0] !== '')
}

const namespaces = new Map([
  ['dns', '6ba7b810-9dad-11d1-80b4-00c04fd430c8'],
  ['url', '6ba7b811-9dad-11d1-80b4-00c04fd430c8'],
  ['oid', '6ba7b812-9dad-11d1-80b4-00c04fd430c8'],
  ['x500', '6ba7b814-9dad-11d1-80b4-00c04fd430c8'],
])

/** RFC 9562 section 5.5. */
function uuidOfName(namespace: string, name: string): string {
  const id = (namespaces.get(namespace) ?? namespace).replaceAll('-', '')
  if (!/^[\da-fA-F]{32}$/.test(id)) throw new ArgumentError('it is no UUID, and not dns, url, oid or x500', 0)
  const bytes = createHash('sha1').update(Buffer.from(id, 'hex')).update(name).digest().subarray(0, 16)
  bytes[6] = (bytes[6]! & 0x0f) | 0x50
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  const hex = bytes.toString('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}
