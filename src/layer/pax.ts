/**
 * What a ustar header cannot hold, as PAX extended header records (POSIX.1-2017 pax, "pax Extended Header").
 * Records are in one fixed order, so that the same entry always gives the same bytes.
 */
import { comparePathnames, encodePathname, isUtf8Pathname } from '../base/index.ts'
import type { Entry } from './entry.ts'

/** largest numbers that the octal fields of ustar hold */
export const ustarLimits = { id: 0o7777777, size: 0o77777777777, time: 0o77777777777 } as const

const nameLength = 100
const prefixLength = 155

/** The entry's path as it stands in a tar: directories end in "/", the root is "./". */
export function tarPath(entry: Entry): string {
  if (entry.type !== 'directory') return entry.path
  return entry.path === '' ? './' : `${entry.path}/`
}

/** The records an entry needs, one after the other; empty when ustar alone is enough. */
export function paxRecords(entry: Entry): Uint8Array {
  const records: Buffer[] = []
  const path = tarPath(entry)
  if (needsPaxText(path) || splitPath(encodePathname(path)) === undefined) records.push(record('path', path))
  if (
    entry.link !== undefined &&
    (needsPaxText(entry.link) || encodePathname(entry.link).length > nameLength)
  )
    records.push(record('linkpath', entry.link))
  if (entry.size > ustarLimits.size) records.push(record('size', String(entry.size)))
  if (entry.uid > ustarLimits.id) records.push(record('uid', String(entry.uid)))
  if (entry.gid > ustarLimits.id) records.push(record('gid', String(entry.gid)))
  if (entry.mtime < 0 || entry.mtime > ustarLimits.time) records.push(record('mtime', String(entry.mtime)))
  if (entry.xattrs) {
    for (const name of Object.keys(entry.xattrs).toSorted(comparePathnames))
      records.push(record(`SCHILY.xattr.${name}`, entry.xattrs[name]!))
  }
  return records.length === 1 ? records[0]! : Buffer.concat(records)
}

/**
 * A path as the prefix and name fields of ustar: whole when it fits into the name, else split at the last "/" that
 * leaves a prefix of at most 155 bytes, which is where Go's archive/tar splits. Nothing when it fits neither way.
 */
export function splitPath(path: Uint8Array): { prefix: Uint8Array; name: Uint8Array } | undefined {
  if (path.length <= nameLength) return { prefix: path.subarray(0, 0), name: path }
  const slash = path.subarray(0, path.length - 1).lastIndexOf(0x2f, prefixLength)
  const name = path.subarray(slash + 1)
  return slash > 0 && name.length <= nameLength ? { prefix: path.subarray(0, slash), name } : undefined
}

/** UTF-8 beyond ASCII goes into PAX, which is UTF-8 by definition; bytes that are not UTF-8 stay raw where they fit. */
function needsPaxText(text: string): boolean {
  // eslint-disable-next-line no-control-regex -- everything that is not ASCII
  return !/^[\0-\x7f]*$/.test(text) && isUtf8Pathname(text)
}

/** `length key=value\n`, where length counts itself. */
function record(key: string, value: string | Uint8Array): Buffer {
  const bytes = typeof value === 'string' ? encodePathname(value) : value
  const rest = Buffer.concat([Buffer.from(` ${key}=`), bytes, Buffer.of(0x0a)])
  let length = rest.length + String(rest.length).length
  if (String(length).length > String(rest.length).length) length++
  return Buffer.concat([Buffer.from(String(length)), rest])
}
