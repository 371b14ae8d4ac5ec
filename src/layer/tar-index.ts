/**
 * What is where in an uncompressed tar file: headers are read, contents are stepped over, so that an archive of
 * gigabytes is known after a few small reads. The input is not trusted.
 */
import { open, type FileHandle } from 'node:fs/promises'
import { decodePathname, Failure, fileFailure, type Waiting } from '../base/index.ts'
import { canonicalPath } from './tar-member.ts'
import { parseRecords } from './tar-records.ts'

export interface TarPlace {
  readonly type: 'file' | 'link' | 'other'
  /** bytes from the start of the tar */
  readonly offset: number
  /** bytes */
  readonly size: number
  /** target as written; of links only */
  readonly link: string
}

const blockSize = 512
/** Longer extended headers are no names. */
const longestHeader = 1 << 20

/**
 * Places of files and links by canonical path; of a path that is there twice, the last, as unpacking would leave it.
 * @throws Failure ARCHIVE_INVALID | FILE_SYSTEM
 */
export async function indexTarFile(path: string, { signal }: Waiting = {}): Promise<Map<string, TarPlace>> {
  const invalid = (why: string): Failure =>
    new Failure('ARCHIVE_INVALID', `${path} is not a well-formed tar: ${why}`)
  let file: FileHandle | undefined
  try {
    file = await open(path, 'r')
    const { size } = await file.stat()
    return await readPlaces(file, { size, invalid, signal })
  } catch (error) {
    throw fileFailure('read', path, error)
  } finally {
    await file?.close()
  }
}

interface Source extends Waiting {
  readonly size: number
  readonly invalid: (why: string) => Failure
}

async function readPlaces(
  file: FileHandle,
  { size: end, invalid, signal }: Source,
): Promise<Map<string, TarPlace>> {
  const places = new Map<string, TarPlace>()
  let records: ReadonlyMap<string, Buffer> = new Map()
  let longName: Buffer | undefined
  const read = async (offset: number, length: number): Promise<Buffer> => {
    if (length > longestHeader || offset + length > end) throw invalid('it ends in the middle of an entry')
    const bytes = Buffer.alloc(length)
    for (let done = 0; done < length;) {
      const { bytesRead } = await file.read(bytes, done, length - done, offset + done)
      if (bytesRead === 0) throw invalid('it ends in the middle of an entry')
      done += bytesRead
    }
    return bytes
  }
  for (let offset = 0; offset + blockSize <= end;) {
    signal?.throwIfAborted()
    const header = await read(offset, blockSize)
    if (header.every((byte) => byte === 0)) return places
    if (!hasChecksum(header)) throw invalid(`there is no header at byte ${offset}`)
    const type = String.fromCharCode(header[156]!)
    const recorded = records.get('size')
    const size = recorded ? Number(recorded.toString('latin1')) : numberAt(header, 124, 12)
    const start = offset + blockSize
    if (!Number.isSafeInteger(size) || size < 0 || start + size > end)
      throw invalid('it ends in the middle of an entry')
    if (type === 'x') records = parseRecords(await read(start, size))
    else if (type === 'L') longName = textUntilNul(await read(start, size))
    else if (type !== 'g' && type !== 'K') {
      const name = canonicalPath(decodePathname(records.get('path') ?? longName ?? nameIn(header)))
      const link = decodePathname(records.get('linkpath') ?? textUntilNul(header.subarray(157, 257)))
      if (name !== undefined) places.set(name, { type: kindOf(type), offset: start, size, link })
      records = new Map()
      longName = undefined
    }
    offset = start + Math.ceil(size / blockSize) * blockSize
  }
  return places
}

function kindOf(type: string): TarPlace['type'] {
  if (type === '0' || type === '\0' || type === '7') return 'file'
  return type === '1' || type === '2' ? 'link' : 'other'
}

function nameIn(header: Buffer): Buffer {
  const name = textUntilNul(header.subarray(0, 100))
  const prefix =
    header.toString('latin1', 257, 262) === 'ustar' ? textUntilNul(header.subarray(345, 500)) : ''
  return prefix.length === 0 ? name : Buffer.concat([prefix as Buffer, Buffer.from('/'), name])
}

function textUntilNul(bytes: Buffer): Buffer {
  const end = bytes.indexOf(0)
  return end < 0 ? bytes : bytes.subarray(0, end)
}

/** Octal text, or base 256 when the first bit is set (GNU tar). NaN for neither. */
function numberAt(header: Buffer, start: number, length: number): number {
  const field = header.subarray(start, start + length)
  if ((field[0]! & 0x80) !== 0)
    return field.subarray(1).reduce((sum, byte) => sum * 256 + byte, field[0]! & 0x7f)
  const text = textUntilNul(field).toString('latin1').trim()
  return /^[0-7]*$/.test(text) ? Number.parseInt(text || '0', 8) : Number.NaN
}

function hasChecksum(header: Buffer): boolean {
  const sum = header.reduce((total, byte, index) => total + (index >= 148 && index < 156 ? 32 : byte), 0)
  return sum === numberAt(header, 148, 8)
}
