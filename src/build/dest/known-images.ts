/**
 * The content of images that earlier runs pushed. A repository whose tag still leads to one of them has all that the
 * image consists of, for a registry keeps what a tag leads to; nothing else from earlier runs is believed.
 */
import { digestHex, type Digest } from '../../oci/index.ts'
import type { MemoStore } from '../memo/build-memos.ts'
import type { ImageContent } from '../image.ts'

export interface KnownImages {
  /** digests of the blobs and manifests of an image, by the digest its tag leads to; empty when it is not known */
  readonly content: (top: Digest) => ReadonlySet<Digest>
  readonly remember: (top: Digest, content: ImageContent) => void
}

export function knownImages(store: MemoStore | undefined): KnownImages {
  return {
    content(top) {
      const text = store?.read(digestHex(top))
      return new Set(text === undefined ? [] : (JSON.parse(text) as Digest[]))
    },
    remember(top, { content, manifests }) {
      const digests = [...content, ...manifests].map(({ descriptor }) => descriptor.digest)
      store?.write(digestHex(top), JSON.stringify(digests))
    },
  }
}
