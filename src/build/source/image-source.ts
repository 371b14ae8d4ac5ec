/** Where an image is read from: a registry, a layout, an archive, a daemon. Whoever reads verifies nothing more. */
import { createHash } from 'node:crypto'
import { Failure } from '../../base/index.ts'
import {
  digestAlgorithm,
  type BlobOrigin,
  type Descriptor,
  type Digest,
  type Opener,
  type Platform,
  type Reference,
} from '../../oci/index.ts'

export interface ImageSource {
  /** for people, such as `registry ghcr.io/acme/api:1` or `layout out` */
  readonly name: string
  /** what the name leads to: a manifest or an index */
  readonly top: Descriptor
  /** names the image has there, for destinations that are given none */
  readonly references: readonly Reference[]
  /** why its digests are not those it was made with; absent: they are */
  readonly madeHere?: string
  /** platforms it has, of an index that names more; absent: all it names */
  readonly platforms?: readonly Platform[]
  /** The bytes of a manifest, index or config, verified. @throws Failure IMAGE_NOT_FOUND | IMAGE_INVALID | … */
  readonly read: (descriptor: Descriptor) => Promise<Uint8Array>
  /** The bytes of a blob, verified by a pass over all of them. */
  readonly open: (descriptor: Descriptor) => Opener
  /** where a registry holds its blobs */
  readonly origin?: BlobOrigin
  /** Manifests that have the digest as their subject; absent: the source keeps no such lists. */
  readonly referrers?: (subject: Digest) => Promise<readonly Descriptor[]>
  /** Ends connections and removes temporary files. */
  readonly close: () => Promise<void>
}

/** An opener whose pass over all bytes ends in CONTENT_MISMATCH unless size and digest are right. */
export function verifiedOpener(open: Opener, { digest, size }: Descriptor, name: string): Opener {
  return async function* (options = {}) {
    const { start = 0, end = size } = options
    const isWhole = start === 0 && end === size
    const hash = isWhole ? createHash(digestAlgorithm(digest)) : undefined
    let taken = 0
    for await (const chunk of open(options)) {
      taken += chunk.length
      if (taken > end - start) break
      hash?.update(chunk)
      yield chunk
    }
    const found = hash ? `${digestAlgorithm(digest)}:${hash.digest('hex')}` : digest
    if (taken === end - start && found === digest) return
    throw new Failure(
      'CONTENT_MISMATCH',
      `${name} has a blob ${digest} that is not what its name says: ${taken} bytes with the digest ${found}`,
      { hint: 'it is damaged; make it anew' },
    )
  }
}

export function notFound(message: string, hint?: string): Failure {
  return new Failure('IMAGE_NOT_FOUND', message, { hint })
}
