/**
 * The bytes in front of an entry's content: a ustar header (POSIX.1-2017 pax, "ustar Interchange Format"), preceded by
 * a PAX extended header when ustar cannot hold the entry. No user or group names, no atime or ctime.
 */
import { encodePathname } from '../base/index.ts'
import type { Entry, EntryType } from './entry.ts'
import { paxRecords, splitPath, tarPath, ustarLimits } from './pax.ts'

export const blockSize = 512

const typeFlags: Record<EntryType, string> = {
  file: '0',
  hardlink: '1',
  symlink: '2',
  character: '3',
  block: '4',
  directory: '5',
  fifo: '6',
}

/** Bytes up to the next multiple of 512. */
export function paddingOf(size: number): number {
  return (blockSize - (size % blockSize)) % blockSize
}

/** The length of `headerBytes(entry)`. */
export function headerSize(entry: Entry): number {
  const { length } = paxRecords(entry)
  return length === 0 ? blockSize : blockSize + length + paddingOf(length) + blockSize
}

/** The header of an entry, PAX extended header included: a multiple of 512 bytes. */
export function headerBytes(entry: Entry): Buffer {
  const records = paxRecords(entry)
  const extended = records.length === 0 ? 0 : blockSize + records.length + paddingOf(records.length)
  const bytes = Buffer.alloc(extended + blockSize)
  if (extended > 0) {
    writePaxHeader(bytes, records.length)
    bytes.set(records, blockSize)
  }
  writeEntryHeader(bytes.subarray(extended), entry)
  return bytes
}

function writePaxHeader(block: Buffer, size: number): void {
  block.write('PaxHeaders.0', 0, 'latin1')
  writeOctal(block, 100, 8, 0o644)
  writeOctal(block, 108, 8, 0)
  writeOctal(block, 116, 8, 0)
  writeOctal(block, 124, 12, size)
  writeOctal(block, 136, 12, 0)
  finishBlock(block, 'x')
}

function writeEntryHeader(block: Buffer, entry: Entry): void {
  const path = encodePathname(tarPath(entry))
  // A path that only PAX holds is cut here: readers take the PAX record.
  const { prefix, name } = splitPath(path) ?? { prefix: undefined, name: path.subarray(0, 100) }
  block.set(name, 0)
  writeOctal(block, 100, 8, entry.mode)
  writeOctal(block, 108, 8, orZero(entry.uid, ustarLimits.id))
  writeOctal(block, 116, 8, orZero(entry.gid, ustarLimits.id))
  writeOctal(block, 124, 12, orZero(entry.size, ustarLimits.size))
  writeOctal(block, 136, 12, orZero(entry.mtime, ustarLimits.time))
  if (entry.link !== undefined) block.set(encodePathname(entry.link).subarray(0, 100), 157)
  if (prefix !== undefined) block.set(prefix, 345)
  finishBlock(block, typeFlags[entry.type], entry.device)
}

function finishBlock(
  block: Buffer,
  typeFlag: string,
  device: Entry['device'] = { major: 0, minor: 0 },
): void {
  block.write(typeFlag, 156, 'latin1')
  block.write('ustar\x0000', 257, 'latin1')
  writeOctal(block, 329, 8, device.major)
  writeOctal(block, 337, 8, device.minor)
  block.fill(' ', 148, 156)
  let sum = 0
  for (let index = 0; index < blockSize; index++) sum += block[index]!
  // The one field that ends in NUL and space.
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
}

function writeOctal(block: Buffer, offset: number, length: number, value: number): void {
  block.write(value.toString(8).padStart(length - 1, '0'), offset, 'latin1')
}

function orZero(value: number, limit: number): number {
  return value >= 0 && value <= limit ? value : 0
}
