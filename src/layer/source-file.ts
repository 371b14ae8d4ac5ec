/** Opens source files and proves before and after reading that they are what was looked at. */
import { closeSync, constants, fstatSync, openSync, read, readSync } from 'node:fs'
import { promisify } from 'node:util'
import { Failure, fileFailure, fsPath, systemCode } from '../base/index.ts'
import { fingerprintOf, sameFingerprint, type Fingerprint } from './fingerprint.ts'
import type { FilePiece, SourceFile } from './pieces.ts'

// Without O_NONBLOCK, opening a fifo that took the file's place would wait for a writer, for ever.
const openFlags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)

/**
 * Opens the file; the caller closes the descriptor.
 * @throws Failure SOURCE_CHANGED when it is gone or no longer has its fingerprint; FILE_SYSTEM
 */
export function openSource(file: SourceFile): number {
  let descriptor: number
  try {
    descriptor = openSync(fsPath(file.path), openFlags)
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'ENXIO'].includes(systemCode(error) ?? ''))
      throw changed(file, 'it is gone', error)
    throw fileFailure('read', file.path, error)
  }
  try {
    checkUnchanged(file, descriptor)
  } catch (error) {
    closeSync(descriptor)
    throw error
  }
  return descriptor
}

/**
 * Reads into all of `target`, which must not be longer than what is left of the piece, or less; returns how many bytes.
 * After the last byte of the piece the file must still have its fingerprint.
 * @throws Failure SOURCE_CHANGED | FILE_SYSTEM
 */
export function readSourceSync(
  piece: FilePiece,
  descriptor: number,
  target: Uint8Array,
  position: number,
): number {
  try {
    const length = readSync(descriptor, target, 0, target.length, position)
    return checkRead(piece, descriptor, position, length)
  } catch (error) {
    throw fileFailure('read', piece.file.path, error)
  }
}

/** `readSourceSync` in the thread pool. */
export async function readSource(
  piece: FilePiece,
  descriptor: number,
  target: Uint8Array,
  position: number,
): Promise<number> {
  try {
    const { bytesRead } = await readAsync(descriptor, target, 0, target.length, position)
    return checkRead(piece, descriptor, position, bytesRead)
  } catch (error) {
    throw fileFailure('read', piece.file.path, error)
  }
}

const readAsync = promisify(read)

function checkRead(piece: FilePiece, descriptor: number, position: number, length: number): number {
  if (length === 0 || position + length >= piece.to) checkUnchanged(piece.file, descriptor)
  if (length === 0) throw changed(piece.file, `it ends after ${position} bytes`)
  return length
}

function checkUnchanged(file: SourceFile, descriptor: number): void {
  checkFingerprint(file, fingerprintOf(fstatSync(descriptor, { bigint: true })))
}

/** @throws Failure SOURCE_CHANGED unless it is the fingerprint that the file had; nothing stands for no file */
export function checkFingerprint(file: SourceFile, now: Fingerprint | undefined): void {
  if (now === undefined) throw changed(file, 'it is gone')
  const then = file.fingerprint
  if (sameFingerprint(now, then)) return
  if (now.dev !== then.dev || now.ino !== then.ino) throw changed(file, 'another file took its place')
  if (now.size !== then.size) throw changed(file, `it had ${then.size} bytes and now has ${now.size}`)
  throw changed(file, now.mtimeNs === then.mtimeNs ? 'its attributes changed' : 'it was written to')
}

function changed(file: SourceFile, how: string, cause?: unknown): Failure {
  return new Failure('SOURCE_CHANGED', `"${file.path}" changed after it was looked at: ${how}`, {
    hint: 'let the program that writes it finish, then run the same command again',
    cause,
  })
}
