/** Manifests: read, put and deleted (distribution-spec "Pulling manifests", "Pushing Manifests", "Deleting Manifests"). */
import { createHash } from 'node:crypto'
import { digestAlgorithm, type Digest } from '../../oci/index.ts'
import { bytesAnswer, emptyAnswer, refuse, type Answer } from './answer.ts'
import { findManifest, withManifest, withoutManifest, withoutTag } from './listing.ts'
import { readManifestDocument } from './manifest-document.ts'
import {
  manifestBytes,
  manifestsOf,
  readBody,
  writerOf,
  wrongMethod,
  type RegistryRequest,
} from './request.ts'
import { tagOf, type ManifestReference } from './route.ts'

/** The largest manifest that registries have to take (distribution-spec "Pushing Manifests"). */
const largestManifest = 4 * 1024 * 1024

export interface ManifestName {
  readonly repository: string
  readonly reference: ManifestReference
}

export async function answerManifest(request: RegistryRequest, name: ManifestName): Promise<Answer> {
  if (request.method === 'GET' || request.method === 'HEAD') return readManifest(request, name)
  if (request.method === 'PUT') return putManifest(request, name)
  if (request.method === 'DELETE') return deleteManifest(request, name)
  throw wrongMethod(request, 'GET, HEAD, PUT, DELETE')
}

async function readManifest(
  { store }: RegistryRequest,
  { repository, reference }: ManifestName,
): Promise<Answer> {
  const entry = findManifest(await manifestsOf(store, repository), reference)
  if (!entry) throw unknown(repository, reference)
  return bytesAnswer(await manifestBytes(store, entry.digest), {
    'content-type': entry.mediaType,
    'docker-content-digest': entry.digest,
    etag: `"${entry.digest}"`,
  })
}

async function putManifest(
  request: RegistryRequest,
  { repository, reference }: ManifestName,
): Promise<Answer> {
  const writer = writerOf(request)
  const bytes = await readBody(request, largestManifest)
  const mediaType = (request.headers['content-type'] ?? '').split(';', 1)[0]!.trim()
  const document = readManifestDocument(bytes, mediaType)
  const digest = digestOfBytes(bytes, reference)
  await requireContent(request, repository, document)
  // A manifest pushed by digest can be given its tags at once.
  const tags = 'tag' in reference ? [reference.tag] : request.query.getAll('tag').map(tagOf)
  await writer.put(digest, bytes)
  await writer.change(repository, (before) =>
    withManifest(before, { mediaType, digest, size: bytes.length }, tags),
  )
  return emptyAnswer(201, {
    location: `/v2/${repository}/manifests/${digest}`,
    'docker-content-digest': digest,
    ...(document.subject !== undefined && { 'oci-subject': document.subject }),
    ...('digest' in reference && tags.length > 0 && { 'oci-tag': tags.join(', ') }),
  })
}

function digestOfBytes(bytes: Uint8Array, reference: ManifestReference): Digest {
  const algorithm = 'digest' in reference ? digestAlgorithm(reference.digest) : 'sha256'
  const digest: Digest = `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`
  if ('digest' in reference && reference.digest !== digest)
    throw refuse(400, 'DIGEST_INVALID', `the manifest has the digest ${digest}, not ${reference.digest}`)
  return digest
}

/** An image that cannot be pulled is not taken. */
async function requireContent(
  { store }: RegistryRequest,
  repository: string,
  { blobs, children }: { blobs: readonly Digest[]; children: readonly Digest[] },
): Promise<void> {
  for (const digest of blobs) {
    if (!(await store.blob(digest)))
      throw refuse(404, 'MANIFEST_BLOB_UNKNOWN', `the manifest names the blob ${digest}, which is not here`)
  }
  if (children.length === 0) return
  const manifests = (await store.manifests(repository)) ?? []
  for (const digest of children) {
    if (!manifests.some((entry) => entry.digest === digest))
      throw refuse(
        404,
        'MANIFEST_BLOB_UNKNOWN',
        `the index names the manifest ${digest}, which is not in ${repository}`,
      )
  }
}

async function deleteManifest(
  request: RegistryRequest,
  { repository, reference }: ManifestName,
): Promise<Answer> {
  const writer = writerOf(request)
  if (!findManifest(await manifestsOf(request.store, repository), reference))
    throw unknown(repository, reference)
  await writer.change(repository, (before) =>
    'tag' in reference ? withoutTag(before, reference.tag) : withoutManifest(before, reference.digest),
  )
  return emptyAnswer(202)
}

function unknown(repository: string, reference: ManifestReference) {
  const name = 'tag' in reference ? `:${reference.tag}` : `@${reference.digest}`
  return refuse(404, 'MANIFEST_UNKNOWN', `there is no manifest ${repository}${name}`)
}
