/** The compressions of OCI layers (image-spec layer.md, "+gzip Media Types" and "+zstd Media Types"), taken off. */
import { pipeline } from 'node:stream/promises'
import { createGunzip, createZstdDecompress } from 'node:zlib'
import { Failure, systemCode, type Waiting } from '../base/index.ts'
import { cutAtFrames } from './zstd-frames.ts'

export type Compression = 'none' | 'gzip' | 'zstd'

export interface DecompressOptions extends Waiting {
  /** what is read, for messages; default `the archive` */
  readonly description?: string | undefined
}

/** Bytes handed out at a time; node:zlib's 16 KiB cost a third more time. */
const chunkSize = 128 * 1024

/**
 * The bytes of a stream without its compression. Concatenated gzip members and zstd frames are one stream.
 * Leaving the loop early ends the source stream. Errors of the source stream come through as they are.
 * @throws Failure ARCHIVE_INVALID when the bytes are not of that compression or end too early
 */
export async function* decompress(
  stream: AsyncIterable<Uint8Array>,
  compression: Compression,
  options: DecompressOptions = {},
): AsyncGenerator<Uint8Array, void, undefined> {
  const { description = 'the archive', signal } = options
  if (compression === 'none') {
    for await (const chunk of stream) {
      signal?.throwIfAborted()
      yield chunk
    }
    return
  }
  const invalid = (reason: string, cause?: unknown): Failure =>
    new Failure('ARCHIVE_INVALID', `${description} is not well-formed ${compression}: ${reason}`, { cause })
  const decoder = compression === 'gzip' ? createGunzip({ chunkSize }) : createZstdDecompress({ chunkSize })
  const source = compression === 'gzip' ? stream : cutAtFrames(stream, invalid)
  const feeding = pipeline(source, decoder, signal ? { signal } : {})
  // Its error is the decoder's too, which the loop below throws.
  feeding.catch(() => {})
  try {
    for await (const chunk of decoder) yield chunk as Uint8Array
  } catch (error) {
    signal?.throwIfAborted()
    throw /^Z(STD)?_/.test(systemCode(error) ?? '') ? invalid((error as Error).message, error) : error
  } finally {
    decoder.destroy()
    await feeding.catch(() => {})
  }
}
