/**
 * What a registry keeps its content in, as its server sees it. Blobs are named by their digest alone, so what was pushed to one
 * repository is there for all; a manifest is a blob that a repository lists.
 */
import type { Waiting } from '../base/index.ts'
import type { Opener } from './content.ts'
import type { Digest } from './digest.ts'
import type { Descriptor } from './image.ts'

export interface StoredBlob {
  /** bytes */
  readonly size: number
  readonly open: Opener
  /** rejects with a Failure when the bytes cannot be made any more; absent: they always can */
  readonly check?: () => Promise<void>
}

export interface RegistryStore {
  readonly blob: (digest: Digest) => Promise<StoredBlob | undefined>
  /**
   * The manifests of a repository as `index.json` of an OCI layout lists them: a tag is the annotation
   * `org.opencontainers.image.ref.name`, and a manifest with several tags stands there several times.
   * Nothing when there is no such repository.
   */
  readonly manifests: (repository: string) => Promise<readonly Descriptor[] | undefined>
  /** absent: nothing can be pushed or deleted */
  readonly writer?: RegistryWriter | undefined
}

export interface RegistryWriter {
  /** Puts small content in place. @throws Failure NO_SPACE | FILE_SYSTEM */
  readonly put: (digest: Digest, bytes: Uint8Array) => Promise<void>
  readonly remove: (digest: Digest) => Promise<void>
  /** Replaces the list of a repository in one step; calls for one repository run one after the other. */
  readonly change: (
    repository: string,
    change: (before: readonly Descriptor[]) => readonly Descriptor[],
  ) => Promise<void>
  /** every repository that has a list */
  readonly repositories: () => Promise<readonly string[]>
  readonly newUpload: (algorithm: 'sha256' | 'sha512') => Promise<Upload>
  readonly upload: (id: string) => Upload | undefined
}

/** A blob on its way in. */
export interface Upload {
  readonly id: string
  /** bytes that have arrived */
  readonly size: number
  /** Adds bytes; what arrived before an error stays. */
  readonly append: (chunks: AsyncIterable<Uint8Array>, options?: Waiting) => Promise<void>
  /** Ends the upload: true and the blob is in place, or false and nothing is kept as the digest does not fit. */
  readonly finish: (digest: Digest) => Promise<boolean>
  readonly cancel: () => Promise<void>
}
