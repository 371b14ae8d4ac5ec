/**
 * Blobs that must outlive their sources: layers of ours are copied into a store before a name leads to them, layers of
 * bases when somebody pulls them.
 */
import { Failure, type Tally, type Waiting } from '../../../base/index.ts'
import type { Blob, Digest } from '../../../oci/index.ts'
import type { RegistryStore, RegistryWriter, StoredBlob, Upload } from '../../../oci/index.ts'

export interface Pin {
  /** The blob with its bytes in the store, and whether they came there now. @throws Failure NO_SPACE | FILE_SYSTEM */
  readonly keep: (blob: Blob, options: Waiting) => Promise<{ readonly blob: Blob; readonly isNew: boolean }>
  /** The blob as one that is kept when it is read whole; a disk that takes no more costs the copy and not the answer. */
  readonly keepWhenRead: (blob: Blob) => Blob
  /** Removes what this process has put there. */
  readonly drop: (digest: Digest) => Promise<void>
}

/** Where pinned blobs are kept. */
export type PinStore = Pick<RegistryStore, 'blob'> & { readonly writer: RegistryWriter }

export function newPin(store: PinStore, tally: Tally): Pin {
  const mine = new Set<Digest>()
  const coming = new Set<Digest>()

  const stored = (blob: Blob, { open }: StoredBlob): Blob => ({ descriptor: blob.descriptor, open })
  const finish = async (upload: Upload, { descriptor }: Blob): Promise<void> => {
    if (!(await upload.finish(descriptor.digest))) {
      throw new Failure(
        'CONTENT_MISMATCH',
        `the bytes of ${descriptor.digest} are not what they were when they were hashed`,
        { hint: 'let the program that writes its files finish, then run the same command again' },
      )
    }
    mine.add(descriptor.digest)
    tally.bytesWritten += descriptor.size
  }
  return {
    async keep(blob, { signal }) {
      const { digest } = blob.descriptor
      const known = await store.blob(digest)
      if (known) return { blob: stored(blob, known), isNew: false }
      const upload = await store.writer.newUpload('sha256')
      try {
        await upload.append(blob.open({ signal }), { signal })
        await finish(upload, blob)
      } catch (error) {
        await upload.cancel()
        throw error
      }
      return { blob: stored(blob, (await store.blob(digest))!), isNew: true }
    },
    keepWhenRead(blob) {
      const { digest, size } = blob.descriptor
      return {
        descriptor: blob.descriptor,
        async *open(range = {}) {
          const { start = 0, end = size } = range
          const known = await store.blob(digest)
          if (known || start > 0 || end < size || coming.has(digest)) {
            yield* (known ?? blob).open(range)
            return
          }
          coming.add(digest)
          let upload = await store.writer.newUpload('sha256').catch(() => undefined)
          try {
            for await (const chunk of blob.open(range)) {
              await upload?.append(one(chunk)).catch(async () => {
                await upload?.cancel()
                upload = undefined
              })
              yield chunk
            }
            if (upload) await finish(upload, blob).catch(() => undefined)
            upload = undefined
          } finally {
            coming.delete(digest)
            await upload?.cancel()
          }
        },
      }
    },
    async drop(digest) {
      if (mine.delete(digest)) await store.writer.remove(digest)
    },
  }
}

async function* one(chunk: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  yield chunk
}
