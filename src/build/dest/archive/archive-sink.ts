/** Where the bytes of an archive go: a file that is complete or absent, or a stream that cannot be taken back. */
import { randomBytes } from 'node:crypto'
import { mkdir, open, rename, rm, stat, type FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Writable } from 'node:stream'
import { Failure, fileFailure, type Tally, type Waiting } from '../../../base/index.ts'

export interface ArchiveSink {
  /** for people, such as `archive out/x.tar` */
  readonly name: string
  /** what is written can be seen at once, so that the end of the archive has to wait for the commit */
  readonly isStream: boolean
  /** Takes bytes after those of the call before. @throws Failure NO_SPACE | FILE_SYSTEM */
  write(chunks: AsyncIterable<Uint8Array>, options?: Waiting): Promise<void>
  /** All is written: makes it visible. */
  commit(): Promise<void>
  /** Removes what was written, where that can be done. */
  abandon(): Promise<void>
}

/** A file, written beside its place and renamed when it is whole. @throws Failure FILE_SYSTEM when it is a folder */
export async function fileSink(path: string, tally: Tally): Promise<ArchiveSink> {
  const found = await stat(path).catch(() => undefined)
  if (found?.isDirectory())
    throw new Failure('FILE_SYSTEM', `cannot write ${path}: it is a folder`, {
      hint: 'name a file, or write tar=false for a folder',
    })
  // A device or pipe such as /dev/null stays what it is.
  const isPlain = found === undefined || found.isFile()
  const temporary = isPlain ? `${path}.${process.pid}-${randomBytes(4).toString('hex')}.tmp` : path
  let file: FileHandle | undefined
  const close = async (): Promise<void> => {
    await file?.close()
    file = undefined
  }
  const attempt = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work()
    } catch (error) {
      throw fileFailure('write', path, error)
    }
  }
  return {
    name: `archive ${path}`,
    isStream: !isPlain,
    write: (chunks, { signal } = {}) =>
      attempt(async () => {
        if (isPlain) await mkdir(dirname(path), { recursive: true })
        file ??= await open(temporary, isPlain ? 'wx' : 'w')
        for await (const chunk of chunks) {
          signal?.throwIfAborted()
          for (let offset = 0; offset < chunk.length;) {
            const { bytesWritten } = await file.write(chunk, offset)
            offset += bytesWritten
            tally.bytesWritten += bytesWritten
          }
        }
      }),
    commit: () =>
      attempt(async () => {
        await close()
        if (isPlain) await rename(temporary, path)
      }),
    async abandon() {
      await close()
      if (isPlain) await rm(temporary, { force: true })
    },
  }
}

/** A stream such as the standard output, which stays open. */
export function streamSink(stream: Writable, name: string, tally: Tally): ArchiveSink {
  const writeChunk = (chunk: Uint8Array): Promise<void> =>
    new Promise((resolve, reject) => {
      stream.write(chunk, (error) => (error ? reject(fileFailure('write', name, error)) : resolve()))
    })
  return {
    name,
    isStream: true,
    async write(chunks, { signal } = {}) {
      for await (const chunk of chunks) {
        signal?.throwIfAborted()
        await writeChunk(chunk)
        tally.bytesWritten += chunk.length
      }
    },
    async commit() {},
    async abandon() {},
  }
}
