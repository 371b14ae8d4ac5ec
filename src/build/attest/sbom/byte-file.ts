/** Bytes that are looked at here and there: a file on disk, or a piece of memory. */
import { closeSync, fstatSync, readSync } from 'node:fs'
import { Failure, fileFailure } from '../../../base/index.ts'
import { fingerprintOf, openSource, sameFingerprint, type FileSource } from '../../../layer/index.ts'

export interface ByteFile {
  readonly size: number
  /** At most `length` bytes from `offset`; fewer at the end, none outside. */
  read(offset: number, length: number): Buffer
}

export function memoryFile(bytes: Uint8Array): ByteFile {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  return {
    size: buffer.length,
    read: (offset, length) =>
      offset < 0 || length < 0 ? Buffer.alloc(0) : buffer.subarray(offset, offset + length),
  }
}

/**
 * Looks at a source, which must have its fingerprint before and after.
 * @throws Failure SOURCE_CHANGED | FILE_SYSTEM
 */
export function withSource<T>(source: FileSource, look: (file: ByteFile) => T): T {
  if (source.kind === 'bytes') return look(memoryFile(source.bytes))
  const descriptor = openSource(source)
  try {
    const size = Number(source.fingerprint.size)
    const result = look({ size, read: (offset, length) => readAt(descriptor, size, offset, length) })
    if (sameFingerprint(fingerprintOf(fstatSync(descriptor, { bigint: true })), source.fingerprint))
      return result
    throw new Failure('SOURCE_CHANGED', `"${source.path}" changed while its packages were looked for`, {
      hint: 'let the program that writes it finish, then run the same command again',
    })
  } catch (error) {
    throw fileFailure('read', source.path, error)
  } finally {
    closeSync(descriptor)
  }
}

function readAt(descriptor: number, size: number, offset: number, length: number): Buffer {
  const wanted = Math.min(length, size - offset)
  if (!(offset >= 0 && wanted > 0)) return Buffer.alloc(0)
  const bytes = Buffer.alloc(wanted)
  let done = 0
  while (done < wanted) {
    const count = readSync(descriptor, bytes, done, wanted - done, offset + done)
    if (count === 0) break
    done += count
  }
  return bytes.subarray(0, done)
}
