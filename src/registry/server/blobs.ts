/** Blobs: read whole or in part, deleted (distribution-spec "Pulling blobs", "Deleting blobs"). */
import type { Digest } from '../../oci/index.ts'
import { emptyAnswer, refuse, type Answer } from './answer.ts'
import { parseRange } from './range.ts'
import { blobOf, documentOf, writerOf, wrongMethod, type RegistryRequest } from './request.ts'

export async function answerBlob(request: RegistryRequest, digest: Digest): Promise<Answer> {
  if (request.method === 'GET' || request.method === 'HEAD') return readBlob(request, digest)
  if (request.method === 'DELETE') return deleteBlob(request, digest)
  throw wrongMethod(request, 'GET, HEAD, DELETE')
}

async function readBlob({ store, headers }: RegistryRequest, digest: Digest): Promise<Answer> {
  const { size, open } = await blobOf(store, digest)
  const common = {
    'content-type': 'application/octet-stream',
    'docker-content-digest': digest,
    'accept-ranges': 'bytes',
    etag: `"${digest}"`,
    // The bytes of a digest never change.
    'cache-control': 'max-age=31536000, immutable',
  }
  const isStale = headers['if-range'] !== undefined && headers['if-range'] !== common.etag
  const range = isStale ? undefined : parseRange(headers['range'], size)
  if (range === 'unsatisfiable') {
    throw refuse(416, 'SIZE_INVALID', `the blob has ${size} bytes`, { 'content-range': `bytes */${size}` })
  }
  const { start, end } = range ?? { start: 0, end: size }
  return {
    status: range ? 206 : 200,
    headers: {
      ...common,
      'content-length': String(end - start),
      ...(range && { 'content-range': `bytes ${start}-${end - 1}/${size}` }),
    },
    body: { open, start, end },
  }
}

/** Blobs are shared by all repositories, so what a manifest of any of them names stays. */
async function deleteBlob(request: RegistryRequest, digest: Digest): Promise<Answer> {
  const { store } = request
  const writer = writerOf(request)
  if (!(await store.blob(digest))) throw refuse(404, 'BLOB_UNKNOWN', `there is no blob ${digest}`)
  for (const repository of await writer.repositories()) {
    for (const entry of (await store.manifests(repository)) ?? []) {
      const isNeeded = entry.digest === digest || (await documentOf(store, entry)).blobs.includes(digest)
      if (isNeeded) throw refuse(405, 'DENIED', `a manifest of ${repository} needs the blob ${digest}`)
    }
  }
  await writer.remove(digest)
  return emptyAnswer(202)
}
