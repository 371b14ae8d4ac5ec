/** What may stand in a layer, entry by entry. Names come from users and are failures; numbers come from us and are bugs. */
import { Failure } from '../base/index.ts'
import type { Entry } from './entry.ts'
import { ustarLimits } from './pax.ts'

/**
 * The entry in its normal form.
 * @throws Failure SOURCE_UNSUPPORTED for a name, link or device that a layer cannot hold
 */
export function checkEntry(entry: Entry): Entry {
  checkPath(entry)
  checkNumbers(entry)
  checkLink(entry)
  checkContent(entry)
  for (const name of Object.keys(entry.xattrs ?? {})) {
    if (name === '' || /[=\0]/.test(name))
      throw refusal(entry, `the attribute name ${JSON.stringify(name)} fits no PAX record`)
  }
  if (entry.type === 'symlink' && entry.mode !== 0o777) return { ...entry, mode: 0o777 }
  if (entry.size === 0 && entry.source !== undefined) {
    const { source: _, ...rest } = entry
    return rest
  }
  return entry
}

/** A part that is empty, "." or "..", or starts with ".wh." (image-spec layer.md, "Whiteouts"). */
const forbiddenPart = /(?:^|\/)(?:\.{0,2}(?:\/|$)|\.wh\.)/

function checkPath(entry: Entry): void {
  if (entry.path === '') {
    if (entry.type !== 'directory')
      throw refusal(entry, `the root of an image is a directory, not a ${entry.type}`)
    return
  }
  if (entry.path.includes('\0')) throw refusal(entry, 'its name holds a NUL byte')
  if (!forbiddenPart.test(entry.path)) return
  if (entry.path.split('/').some((part) => part.startsWith('.wh.'))) {
    throw refusal(
      entry,
      'names that start with ".wh." mean a removed file there',
      'rename the file or leave it out with .dockerignore',
    )
  }
  throw refusal(entry, 'its path has an empty, "." or ".." part')
}

function checkLink(entry: Entry): void {
  const isLink = entry.type === 'symlink' || entry.type === 'hardlink'
  if (isLink !== (entry.link !== undefined))
    throw bug(entry, `a ${entry.type} ${isLink ? 'without' : 'with'} a link`)
  if (entry.link === undefined) return
  if (entry.link === '') throw refusal(entry, 'its link target is empty')
  if (entry.link.includes('\0')) throw refusal(entry, 'its link target holds a NUL byte')
}

function checkNumbers(entry: Entry): void {
  const { mode, uid, gid, size, mtime, device } = entry
  if (!isCount(mode, 0o7777)) throw bug(entry, `mode ${mode}`)
  if (!isCount(uid)) throw bug(entry, `uid ${uid}`)
  if (!isCount(gid)) throw bug(entry, `gid ${gid}`)
  if (!isCount(size)) throw bug(entry, `size ${size}`)
  if (!Number.isSafeInteger(mtime)) throw bug(entry, `mtime ${mtime}`)
  const isDevice = entry.type === 'character' || entry.type === 'block'
  if (isDevice !== (device !== undefined))
    throw bug(entry, `a ${entry.type} ${isDevice ? 'without' : 'with'} a device number`)
  if (device && !(isCount(device.major, ustarLimits.id) && isCount(device.minor, ustarLimits.id)))
    throw refusal(entry, `the device number ${device.major}:${device.minor} is too large for a tar header`)
}

function checkContent(entry: Entry): void {
  const { source, size } = entry
  if (entry.type !== 'file' && (size !== 0 || source)) throw bug(entry, `a ${entry.type} with content`)
  if (size > 0 && !source) throw bug(entry, `${size} bytes without a source`)
  const sourceSize = source?.kind === 'bytes' ? source.bytes.length : source?.fingerprint.size
  if (sourceSize !== undefined && Number(sourceSize) !== size)
    throw bug(entry, `size ${size}, but its source has ${sourceSize}`)
}

function isCount(value: number, limit: number = Number.MAX_SAFE_INTEGER): boolean {
  return Number.isSafeInteger(value) && value >= 0 && value <= limit
}

function refusal(entry: Entry, reason: string, hint?: string): Failure {
  return new Failure('SOURCE_UNSUPPORTED', `"/${entry.path}" cannot be put into a layer: ${reason}`, { hint })
}

function bug(entry: Entry, what: string): Error {
  return new Error(`entry "/${entry.path}" has ${what}`)
}
