/** Reads a source whose content was looked at before: it must still be the file it was, before and after. */
import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { Failure, fileFailure, fsPath, systemCode, type Waiting } from '../../base/index.ts'
import { fingerprintOf, sameFingerprint, type FileSource } from '../../layer/index.ts'

const chunkSize = 1 << 20

export interface ReadOptions extends Waiting {
  /** stop after so many bytes, default all */
  readonly limit?: number
}

/** @throws Failure SOURCE_CHANGED | FILE_SYSTEM */
export async function* readSource(
  source: FileSource,
  { signal, limit = Number.POSITIVE_INFINITY }: ReadOptions = {},
): AsyncGenerator<Uint8Array, void, undefined> {
  if (source.kind === 'bytes') {
    yield source.bytes.subarray(0, limit)
    return
  }
  const { path, fingerprint } = source
  const changed = (cause?: unknown): Failure =>
    new Failure('SOURCE_CHANGED', `"${path}" changed after it was looked at`, {
      hint: 'let the program that writes it finish, then run the same command again',
      cause,
    })
  try {
    // Without O_NONBLOCK, opening a fifo that took the file's place would wait for a writer, for ever.
    await using file = await open(fsPath(path), constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
    const isUnchanged = async (): Promise<boolean> =>
      sameFingerprint(fingerprintOf(await file.stat({ bigint: true })), fingerprint)
    if (!(await isUnchanged())) throw changed()
    const end = Math.min(limit, Number(fingerprint.size))
    for (let position = 0; position < end;) {
      signal?.throwIfAborted()
      const { bytesRead, buffer } = await file.read({
        buffer: Buffer.allocUnsafe(Math.min(chunkSize, end - position)),
        position,
      })
      if (bytesRead === 0) throw changed()
      position += bytesRead
      yield buffer.subarray(0, bytesRead)
    }
    if (!(await isUnchanged())) throw changed()
  } catch (error) {
    throw systemCode(error) === 'ENOENT' ? changed(error) : fileFailure('read', path, error)
  }
}
