/**
 * Content is an opener that can be read again, never a half-read stream: retries and a second destination stay
 * possible, and bytes exist only while somebody takes them.
 */
import type { Waiting } from '../base/index.ts'
import { sha256, type Digest } from './digest.ts'
import type { Descriptor } from './image.ts'

export interface OpenOptions extends Waiting {
  /** first byte, default 0 */
  readonly start?: number
  /** exclusive end, default the size */
  readonly end?: number
}

/**
 * Every call starts a new pass over the same bytes. A chunk stays as it is until the second one after it is asked for;
 * whoever keeps chunks longer copies them.
 */
export type Opener = (options?: OpenOptions) => AsyncIterable<Uint8Array>

/** A place where a registry already holds the blob, from which it can be mounted or copied. */
export interface BlobOrigin {
  readonly registry: string
  readonly repository: string
}

/** Content with the descriptor that names it. */
export interface Blob {
  readonly descriptor: Descriptor
  readonly open: Opener
  /** rejects when the bytes cannot be made any more, at a small price; absent: they can */
  readonly check?: () => Promise<void>
  readonly origin?: BlobOrigin
}

/** Content whose digest comes to light while it is read. */
export interface UnnamedBlob {
  readonly size: number
  /** Every call starts a new pass; chunks live as long as those of an `Opener`. */
  readonly open: (options?: Waiting) => AsyncIterable<Uint8Array>
  /** of the last pass that was taken to its end; nothing before */
  readonly digest: () => Digest | undefined
}

/** Inline bytes as a blob. */
export function bytesBlob(mediaType: string, bytes: Uint8Array): Blob {
  return { descriptor: { mediaType, digest: sha256(bytes), size: bytes.length }, open: bytesOpener(bytes) }
}

export function bytesOpener(bytes: Uint8Array): Opener {
  return async function* ({ start = 0, end = bytes.length } = {}) {
    if (end > start) yield bytes.subarray(start, end)
  }
}

/** All bytes of small content, in memory of their own. */
export async function readContent(open: Opener, options?: OpenOptions): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of open(options)) chunks.push(Uint8Array.from(chunk))
  return Buffer.concat(chunks)
}
