/** What the end points see of a request, and the rules several of them share. */
import {
  readContent,
  type Descriptor,
  type Digest,
  type RegistryStore,
  type RegistryWriter,
  type StoredBlob,
} from '../../oci/index.ts'
import { refuse } from './answer.ts'
import { readManifestDocument, type ManifestDocument } from './manifest-document.ts'

export interface RegistryRequest {
  readonly method: string
  readonly query: URLSearchParams
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: AsyncIterable<Uint8Array>
  readonly signal: AbortSignal
  readonly store: RegistryStore
}

/** @throws Refusal 405 when the registry takes no writes */
export function writerOf({ store, method }: RegistryRequest): RegistryWriter {
  if (store.writer) return store.writer
  throw refuse(405, 'UNSUPPORTED', `this registry is read-only, ${method} is not supported`)
}

/** @throws Refusal 405 naming what the end point takes */
export function wrongMethod({ method }: RegistryRequest, allowed: string): Error {
  return refuse(405, 'UNSUPPORTED', `${method} is not supported here`, { allow: allowed })
}

/** @throws Refusal 404 NAME_UNKNOWN */
export async function manifestsOf(store: RegistryStore, repository: string): Promise<readonly Descriptor[]> {
  const manifests = await store.manifests(repository)
  if (manifests) return manifests
  throw refuse(404, 'NAME_UNKNOWN', `there is no repository ${repository}`)
}

/** @throws Refusal 404 BLOB_UNKNOWN, also when the blob cannot be made from its sources any more */
export async function blobOf(store: RegistryStore, digest: Digest): Promise<StoredBlob> {
  const blob = await store.blob(digest)
  if (!blob) throw refuse(404, 'BLOB_UNKNOWN', `there is no blob ${digest}`)
  await blob.check?.().catch((error: unknown) => {
    const why = error instanceof Error ? error.message : String(error)
    throw refuse(404, 'BLOB_UNKNOWN', `the blob ${digest} cannot be served: ${why}`)
  })
  return blob
}

/** The bytes of a manifest of the store. */
export async function manifestBytes(store: RegistryStore, digest: Digest): Promise<Buffer> {
  return readContent((await blobOf(store, digest)).open)
}

export async function documentOf(
  store: RegistryStore,
  { digest, mediaType }: Descriptor,
): Promise<ManifestDocument> {
  return readManifestDocument(await manifestBytes(store, digest), mediaType)
}

/** All of a short body. @throws Refusal 413 SIZE_INVALID */
export async function readBody({ body }: RegistryRequest, atMost: number): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body) {
    size += chunk.length
    if (size > atMost) throw refuse(413, 'SIZE_INVALID', `it is larger than ${atMost} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
