/** What tests make layers with, and take their bytes with. */
import { lstatSync, readdirSync, readlinkSync } from 'node:fs'
import { fingerprintOf, type Entry } from '../../src/layer/index.ts'

/** An entry with everything that is not given at its plainest. */
export function entry(fields: Partial<Entry> & { readonly path: string }): Entry {
  return { type: 'file', mode: 0o644, uid: 0, gid: 0, mtime: 0, size: 0, ...fields }
}

export function textEntry(path: string, text: string): Entry {
  const bytes = Buffer.from(text)
  return entry({ path, size: bytes.length, source: { kind: 'bytes', bytes } })
}

/** An entry whose content is a file of the host as it is now. */
export function fileEntry(path: string, file: string): Entry {
  const stats = lstatSync(file, { bigint: true })
  const source = { kind: 'file', path: file, fingerprint: fingerprintOf(stats) } as const
  return entry({ path, size: Number(stats.size), source })
}

export async function collect(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of stream) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks)
}

/** The bytes as a stream of chunks of a length that fits no block. */
export async function* streamOf(bytes: Uint8Array, chunkLength = 1000): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += chunkLength)
    yield bytes.subarray(start, start + chunkLength)
}

/** How many descriptors of this process are open on files below a folder. */
export function openFilesIn(folder: string): number {
  return readdirSync('/proc/self/fd').filter((descriptor) => {
    try {
      return readlinkSync(`/proc/self/fd/${descriptor}`).startsWith(folder)
    } catch {
      return false
    }
  }).length
}
