/** Manifests, indexes and configs of images in registries: by digest from the cache, else from the registry. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Failure, type FailureCode } from '../../base/index.ts'
import {
  readContent,
  digestHex,
  formatReference,
  isIndexMediaType,
  isManifestMediaType,
  mediaTypes,
  sha256,
  type Descriptor,
  type Digest,
  type Index,
  type Manifest,
  type Reference,
} from '../../oci/index.ts'
import type { Registry } from '../../registry/index.ts'
import { cachePath, writeFileAtomically } from '../../store/index.ts'

export interface DocumentOptions {
  readonly registry: (host: string) => Registry
  /** folder for manifests, configs and tree indexes, all named by digest */
  readonly cache: string
}

/** What is read, for failures. */
export interface DocumentKind {
  readonly noun: string
  readonly missing: FailureCode
  readonly invalid: FailureCode
  readonly missingHint: string
}

export interface RegistryDocuments {
  /** What the name leads to now: one request. @throws Failure */
  top(): Promise<Descriptor>
  /** A manifest or index of which only the digest is known; no request when it is cached. @throws Failure */
  pinned(digest: Digest): Promise<Descriptor>
  /** The bytes of a manifest, index or config; no request when they are cached. @throws Failure */
  bytes(descriptor: Descriptor): Promise<Uint8Array>
  /** The same as a value. @throws Failure */
  read(descriptor: Descriptor): Promise<unknown>
}

/** The documents of one reference. */
export function registryDocuments(
  reference: Reference,
  kind: DocumentKind,
  { registry, cache }: DocumentOptions,
): RegistryDocuments {
  const description = `${kind.noun} ${formatReference(reference)}`
  const parse = (bytes: Uint8Array) => parseDocument(bytes, description, kind.invalid)
  const pathOf = (digest: Digest) => join(cachePath(cache, 'documents'), digestHex(digest))
  const cached = async (digest: Digest): Promise<Uint8Array | undefined> => {
    const bytes = await readFile(pathOf(digest)).catch(() => undefined)
    return bytes !== undefined && sha256(bytes) === digest ? bytes : undefined
  }
  const fetchManifest = async (digest: Digest): Promise<Uint8Array> => {
    const found = await registry(reference.registry).getManifest(reference.repository, digest)
    if (found) return found.bytes
    throw new Failure(kind.missing, `${description}: its registry lacks manifest ${digest}`)
  }
  const bytesOf = async (digest: Digest, fetch: () => Promise<Uint8Array>): Promise<Uint8Array> => {
    const known = await cached(digest)
    if (known) return known
    const bytes = await fetch()
    await writeFileAtomically(pathOf(digest), bytes).catch(() => undefined)
    return bytes
  }
  const bytes = async (descriptor: Descriptor): Promise<Uint8Array> => {
    const { mediaType, digest } = descriptor
    const isManifest = isIndexMediaType(mediaType) || isManifestMediaType(mediaType)
    return bytesOf(digest, async () => {
      if (isManifest) return fetchManifest(digest)
      return readContent(registry(reference.registry).openBlob(reference.repository, descriptor))
    })
  }
  return {
    async top() {
      const name = reference.digest ?? reference.tag ?? 'latest'
      const head = await registry(reference.registry).headManifest(reference.repository, name)
      if (head) return head
      throw new Failure(kind.missing, `${description} does not exist`, { hint: kind.missingHint })
    },
    async pinned(digest) {
      const found = await bytesOf(digest, () => fetchManifest(digest))
      return { mediaType: mediaTypeOf(parse(found)), digest, size: found.length }
    },
    bytes,
    read: async (descriptor) => parse(await bytes(descriptor)),
  }
}
/** What a manifest says it is; one without a word of it is known by its shape (image-spec, "mediaType" is optional). */
function mediaTypeOf(document: unknown): string {
  const { mediaType, manifests, layers } = document as Partial<Manifest & Index>
  if (typeof mediaType === 'string') return mediaType
  if (Array.isArray(manifests)) return mediaTypes.index
  return Array.isArray(layers) ? mediaTypes.manifest : 'unknown'
}

function parseDocument(bytes: Uint8Array, description: string, code: FailureCode): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'))
  } catch (cause) {
    throw new Failure(code, `${description} has a document that is not JSON`, { cause })
  }
}
