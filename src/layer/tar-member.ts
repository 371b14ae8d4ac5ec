/** A member of an untrusted tar, as tar-stream hands it out, checked and made an entry. */
import { posix } from 'node:path'
import { decodePathname } from '../base/index.ts'
import type { Entry, EntryType } from './entry.ts'
import { attributesIn } from './tar-records.ts'

/** What is used of tar-stream's entries. Its numbers may be NaN, null or negative: it does not check them. */
export interface TarMember extends AsyncIterable<Uint8Array> {
  readonly header: MemberHeader
}

export interface MemberHeader {
  readonly name: string
  readonly type: string | null
  readonly linkname: string | null
  readonly mode: number
  readonly uid: number
  readonly gid: number
  readonly size: number
  readonly mtime: Date
  readonly devmajor: number
  readonly devminor: number
}

const types = new Map<string | null, EntryType>([
  ['file', 'file'],
  ['contiguous-file', 'file'],
  ['link', 'hardlink'],
  ['symlink', 'symlink'],
  ['character-device', 'character'],
  ['block-device', 'block'],
  ['directory', 'directory'],
  ['fifo', 'fifo'],
])

/** @throws Error saying what is wrong with it */
export function memberEntry(
  header: MemberHeader,
  records: ReadonlyMap<string, Buffer>,
  keepsInside = false,
): Omit<Entry, 'source'> {
  const name = nameOf(records.get('path'), header.name)
  const say = (reason: string): Error => new Error(`${JSON.stringify(name)} ${reason}`)
  if ([...records.keys()].some((key) => key.startsWith('GNU.sparse.'))) throw say('is a sparse file')
  const count = (field: string, value: number | undefined, minimum = 0): number => {
    if (!Number.isSafeInteger(value) || value! < minimum) throw say(`has no valid ${field}`)
    return value!
  }
  /** a number that a PAX record may replace */
  const recorded = (field: string, value: number, minimum?: number): number =>
    count(
      field,
      records.get(field)?.length ? decimal(records.get(field)!.toString('latin1')) : value,
      minimum,
    )
  const listed = types.get(header.type)
  if (listed === undefined)
    throw say('is of a kind that is not supported, such as a sparse file or a part of a volume')
  const type = listed === 'file' && name.endsWith('/') ? 'directory' : listed
  const size = recorded('size', header.size)
  const canonical = keepsInside ? insidePath : canonicalPath
  const path = canonical(name)
  if (path === undefined) throw say('has a ".." in its path')
  const link =
    type === 'symlink' || type === 'hardlink'
      ? nameOf(records.get('linkpath'), header.linkname ?? '')
      : undefined
  const target = type === 'hardlink' ? canonical(link!) : link
  if (link !== undefined && target === undefined)
    throw say(`is a link to ${JSON.stringify(link)}, with a ".." in it`)
  const xattrs = attributesIn(records)
  return {
    path,
    type,
    mode: count('mode', header.mode) & 0o7777,
    uid: recorded('uid', header.uid),
    gid: recorded('gid', header.gid),
    mtime: recorded('mtime', Math.floor(header.mtime.getTime() / 1000), Number.MIN_SAFE_INTEGER),
    size: type === 'file' ? size : 0,
    ...(target !== undefined && { link: target }),
    ...(xattrs && { xattrs }),
    ...((type === 'character' || type === 'block') && {
      device: {
        major: count('device number', header.devmajor),
        minor: count('device number', header.devminor),
      },
    }),
  }
}

/** Header fields come as latin1, which keeps their bytes. */
function nameOf(record: Buffer | undefined, field: string): string {
  const name = decodePathname(record?.length ? record : Buffer.from(field, 'latin1'))
  if (name.includes('\0')) throw new Error(`${JSON.stringify(name)} has a NUL byte in its name`)
  return name
}

/** `./usr//bin/` as `usr/bin`; nothing when there is a ".." in it. */
export function canonicalPath(name: string): string | undefined {
  const parts = name.split('/').filter((part) => part !== '' && part !== '.')
  return parts.includes('..') ? undefined : parts.join('/')
}

/** `a/../../x` as `x`: at the root ".." stays there. */
function insidePath(name: string): string {
  return posix.resolve('/', name).slice(1)
}

/** Whole part, towards minus infinity, of a PAX number such as `-1.5`. */
function decimal(text: string): number {
  return /^-?[0-9]+(\.[0-9]*)?$/.test(text) ? Math.floor(Number(text)) : Number.NaN
}
