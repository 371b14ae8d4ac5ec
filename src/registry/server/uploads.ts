/** Blobs on their way in (distribution-spec "Pushing blobs"): at once, in one piece, in chunks, or mounted. */
import { digestAlgorithm, type Digest, type Upload } from '../../oci/index.ts'
import { emptyAnswer, refuse, type Answer } from './answer.ts'
import { parseChunkRange } from './range.ts'
import { writerOf, wrongMethod, type RegistryRequest } from './request.ts'
import { digestOf } from './route.ts'

/** `POST uploads/`: mounts, takes the whole blob, or opens a session. */
export async function answerUploads(request: RegistryRequest, repository: string): Promise<Answer> {
  if (request.method !== 'POST') throw wrongMethod(request, 'POST')
  const writer = writerOf(request)
  const { query, store } = request
  const mount = query.get('mount')
  if (mount !== null) {
    const digest = digestOf(mount)
    if (await store.blob(digest)) return created(repository, digest)
  }
  const whole = query.get('digest')
  const algorithm = algorithmOf(whole ?? mount ?? `${query.get('digest-algorithm') ?? 'sha256'}:`)
  const upload = await writer.newUpload(algorithm)
  if (whole === null) return sessionAnswer(202, repository, upload)
  const digest = digestOf(whole)
  await takeBytes(request, upload)
  return finish(repository, upload, digest)
}

/** `GET`, `PATCH`, `PUT` and `DELETE` of a session. */
export async function answerUpload(
  request: RegistryRequest,
  { repository, id }: { repository: string; id: string },
): Promise<Answer> {
  const upload = writerOf(request).upload(id)
  if (!upload) throw refuse(404, 'BLOB_UPLOAD_UNKNOWN', `there is no upload session ${id}`)
  switch (request.method) {
    case 'GET':
      return sessionAnswer(204, repository, upload)
    case 'PATCH':
      checkRange(request, repository, upload)
      await takeBytes(request, upload)
      return sessionAnswer(202, repository, upload)
    case 'PUT': {
      const digest = digestOf(request.query.get('digest') ?? '')
      checkRange(request, repository, upload)
      await takeBytes(request, upload)
      return finish(repository, upload, digest)
    }
    case 'DELETE':
      await upload.cancel()
      return emptyAnswer(204)
    default:
      throw wrongMethod(request, 'GET, PATCH, PUT, DELETE')
  }
}

async function takeBytes({ body, signal }: RegistryRequest, upload: Upload): Promise<void> {
  await upload.append(body, { signal })
}

async function finish(repository: string, upload: Upload, digest: Digest): Promise<Answer> {
  if (await upload.finish(digest)) return created(repository, digest)
  throw refuse(400, 'DIGEST_INVALID', `the bytes do not have the digest ${digest}`)
}

/** A chunk has to start where the one before it ended. */
function checkRange({ headers }: RegistryRequest, repository: string, upload: Upload): void {
  const header = headers['content-range']
  if (header === undefined) return
  const range = parseChunkRange(header)
  const length = headers['content-length']
  const isLong = range !== undefined && length !== undefined && Number(length) !== range.end - range.start
  if (range?.start === upload.size && !isLong) return
  throw refuse(416, 'BLOB_UPLOAD_INVALID', `a chunk of ${header} does not follow ${upload.size} bytes`, {
    ...sessionHeaders(repository, upload),
  })
}

function algorithmOf(digest: string): 'sha256' | 'sha512' {
  if (digest.startsWith('sha256:')) return 'sha256'
  if (digest.startsWith('sha512:')) return 'sha512'
  throw refuse(400, 'DIGEST_INVALID', `"${digest.replace(/:$/, '')}" is not a digest of sha256 or sha512`)
}

function created(repository: string, digest: Digest): Answer {
  digestAlgorithm(digest)
  return emptyAnswer(201, {
    location: `/v2/${repository}/blobs/${digest}`,
    'docker-content-digest': digest,
  })
}

function sessionAnswer(status: number, repository: string, upload: Upload): Answer {
  return emptyAnswer(status, sessionHeaders(repository, upload))
}

/** The range is inclusive; an empty upload says `0-0`, as one of one byte does: that is the specification's own gap. */
function sessionHeaders(repository: string, { id, size }: Upload): Record<string, string> {
  return {
    location: `/v2/${repository}/blobs/uploads/${id}`,
    range: `0-${Math.max(0, size - 1)}`,
    'docker-upload-uuid': id,
  }
}
