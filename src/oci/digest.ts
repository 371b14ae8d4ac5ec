/**
 * Digests name content by its bytes (image-spec descriptor.md, "Digests").
 * We write sha256 and also read sha512. Parsing is strict: lower-case hex of the exact length.
 */
import { createHash } from 'node:crypto'
import { Failure } from '../base/index.ts'

export type Digest = `sha256:${string}` | `sha512:${string}`

const hexLength = new Map([
  ['sha256', 64],
  ['sha512', 128],
])

export function isDigest(text: string): text is Digest {
  const [algorithm = '', hex = '', extra] = text.split(':')
  return extra === undefined && hex.length === hexLength.get(algorithm) && /^[0-9a-f]+$/.test(hex)
}

/** @throws Failure DIGEST_INVALID, showing the text and the expected form */
export function parseDigest(text: string): Digest {
  if (isDigest(text)) return text
  throw new Failure('DIGEST_INVALID', `"${text}" is not a digest`, {
    hint: 'write it as sha256: and 64 lower-case hex digits',
  })
}

export function sha256(bytes: Uint8Array | string): Digest {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`
}

/** `sha256` of `sha256:9f2c…` */
export function digestAlgorithm(digest: Digest): 'sha256' | 'sha512' {
  return digest.startsWith('sha512:') ? 'sha512' : 'sha256'
}

/** The hex part of a digest. */
export function digestHex(digest: Digest): string {
  return digest.slice(digest.indexOf(':') + 1)
}

/** The first twelve hex digits, as people read digests. */
export function shortDigest(digest: Digest): string {
  return digestHex(digest).slice(0, 12)
}
