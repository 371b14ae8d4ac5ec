/** Whether a file is a tar, compressed or not: its first block must be a tar header, as BuildKit decides it. */
import { Failure, type Waiting } from '../../base/index.ts'
import type { FileSource } from '../../layer/index.ts'
import { decompressArchive, detectCompression, magicSize, type ArchiveCompression } from './compression.ts'
import { readSource } from './proven-file.ts'

const blockSize = 512
/** Compressed data from which the first block of a tar comes out whatever the compression: a bzip2 block at the most. */
const startSize = 1 << 20

/** The compression of an archive; nothing for a file that is no archive. */
export async function archiveCompression(
  source: FileSource,
  options: Waiting = {},
): Promise<ArchiveCompression | undefined> {
  const start = await firstBytes(readSource(source, { ...options, limit: blockSize }), blockSize)
  const compression = detectCompression(start.subarray(0, magicSize))
  if (compression === 'none') return isHeader(start) ? 'none' : undefined
  try {
    const content = readSource(source, { ...options, limit: startSize })
    const decompressed = decompressArchive(content, compression, { ...options, description: 'the file' })
    return isHeader(await firstBytes(decompressed, blockSize)) ? compression : undefined
  } catch (error) {
    if (error instanceof Failure && error.code === 'ARCHIVE_INVALID') return undefined
    throw error
  }
}

async function firstBytes(stream: AsyncIterable<Uint8Array>, size: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of stream) {
    chunks.push(chunk)
    length += chunk.length
    if (length >= size) break
  }
  return Buffer.concat(chunks).subarray(0, size)
}

const checksumStart = 148
const checksumEnd = 156

/** Whether a block has the checksum of a tar header, summed over signed or unsigned bytes (POSIX pax, ustar format). */
function isHeader(block: Uint8Array): boolean {
  if (block.length < blockSize) return false
  const field = Buffer.from(block.subarray(checksumStart, checksumEnd)).toString('latin1')
  const written = /^[ \0]*([0-7]+)[ \0]*$/.exec(field)?.[1]
  if (written === undefined) return false
  let unsigned = 0
  let signed = 0
  block.forEach((byte, index) => {
    const counted = index >= checksumStart && index < checksumEnd ? 0x20 : byte
    unsigned += counted
    signed += counted < 0x80 ? counted : counted - 0x100
  })
  const expected = Number.parseInt(written, 8)
  return expected === unsigned || expected === signed
}
