/** Whole bodies, but never more than the reader is ready to hold. */

/**
 * The bytes of a body, or nothing when there are more than `limit`.
 * Stops reading at the limit, which ends the connection.
 */
export async function readAtMost(
  body: AsyncIterable<Uint8Array>,
  limit: number,
): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body) {
    size += chunk.length
    if (size > limit) return undefined
    chunks.push(chunk)
  }
  return joinChunks(chunks)
}

/** One array for many; a single chunk comes back as it is. */
export function joinChunks(chunks: readonly Uint8Array[]): Uint8Array {
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)
}
