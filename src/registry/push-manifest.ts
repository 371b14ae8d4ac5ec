/** Manifests and indexes written, under a tag or their digest (distribution-spec "Pushing manifests"). */
import type { Waiting } from '../base/index.ts'
import type { HttpResponse } from '../http/index.ts'
import { isDigest, shortDigest, type Digest } from '../oci/index.ts'
import { BadAnswer } from './answer.ts'
import { formatAnswer } from './explain-answer.ts'
import { isImmutable, mayBeImmutable } from './immutable.ts'
import { describe, digestOf, pull, type ManifestName } from './manifests.ts'
import { nameManifest } from './names.ts'
import { RegistryFailure } from './registry-failure.ts'
import { pushScope } from './scope.ts'
import type { Question, Wire } from './wire.ts'

export interface NewManifest {
  readonly mediaType: string
  readonly bytes: Uint8Array
}

export interface PushedManifest {
  /** the subject that the registry lists it for; nothing where it keeps no lists of referrers */
  readonly subject: Digest | undefined
}

/**
 * A tag that nobody may move is no error when it names these very bytes.
 * @throws RegistryFailure CONTENT_MISMATCH when the registry says that it keeps other bytes; REGISTRY_REFUSED
 */
export async function pushManifest(
  wire: Wire,
  name: ManifestName,
  manifest: NewManifest,
  options: Waiting = {},
): Promise<PushedManifest> {
  const { repository, tagOrDigest } = name
  const { mediaType, bytes } = manifest
  const what = `push ${nameManifest(wire.host, repository, tagOrDigest, mediaType)}`
  const question: Question = {
    purpose: 'PUT manifest',
    method: 'PUT',
    path: `/v2/${repository}/manifests/${tagOrDigest}`,
    scopes: [pushScope(repository)],
    headers: { 'content-type': mediaType },
    body: {
      size: bytes.length,
      async *open() {
        yield bytes
      },
    },
    accept: [200, 201, 202],
  }
  return wire.undertake(
    { what, repository, access: 'write' },
    async (signal) => {
      try {
        return await wire.ask({ ...question, signal }, (response) => {
          checkAnnounced(response, what, bytes)
          const listed = response.headers['oci-subject'] ?? ''
          return { subject: isDigest(listed) ? listed : undefined }
        })
      } catch (error) {
        if (!(error instanceof BadAnswer) || isDigest(tagOrDigest) || !mayBeImmutable(error)) throw error
        const there = await wire.ask({ ...pull('HEAD', name), signal }, (response) =>
          response.status === 404 ? undefined : describe(response, tagOrDigest)?.digest,
        )
        if (there !== undefined && there === digestOf(bytes, there)) return { subject: undefined }
        throw there !== undefined && isImmutable(error) ? immutableFailure(what, there, error) : error
      }
    },
    options,
  )
}

function checkAnnounced(response: HttpResponse, what: string, bytes: Uint8Array): void {
  const announced = response.headers['docker-content-digest'] ?? ''
  if (!isDigest(announced)) return
  const digest = digestOf(bytes, announced)
  if (digest === announced) return
  throw new RegistryFailure(
    'CONTENT_MISMATCH',
    `cannot ${what}: the registry says it has the digest ${announced}, not ${digest}`,
  )
}

function immutableFailure(what: string, there: Digest, refused: BadAnswer): RegistryFailure {
  const { status, problems } = refused
  return new RegistryFailure(
    'REGISTRY_REFUSED',
    `cannot ${what}: the tag is immutable there and names another image, ${shortDigest(there)} (${formatAnswer(refused)})`,
    { hint: 'publish under another tag', cause: refused, status, errors: problems },
  )
}
