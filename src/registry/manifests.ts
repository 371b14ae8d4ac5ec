/** Manifests and indexes: asked for, read, written (distribution-spec "Pulling manifests", "Pushing manifests"). */
import { createHash } from 'node:crypto'
import type { Waiting } from '../base/index.ts'
import { readAtMost, type HttpResponse } from '../http/index.ts'
import { acceptManifests, digestAlgorithm, isDigest, type Descriptor, type Digest } from '../oci/index.ts'
import { nameManifest } from './names.ts'
import { RegistryFailure } from './registry-failure.ts'
import type { Question, Wire } from './wire.ts'

export interface ManifestName {
  readonly repository: string
  readonly tagOrDigest: string
}

export interface FetchedManifest {
  readonly descriptor: Descriptor
  /** exactly as the registry keeps them; the digest is of these */
  readonly bytes: Uint8Array
}

export interface NewManifest {
  readonly mediaType: string
  readonly bytes: Uint8Array
}

/** Above this size distribution-spec lets registries refuse, so nobody has larger ones. */
const largestManifest = 4 * 1024 * 1024

/** Nothing on 404, and nothing in `descriptor` when the answer's headers do not suffice for one. */
export async function headManifest(
  wire: Wire,
  name: ManifestName,
  options: Waiting = {},
): Promise<Descriptor | undefined> {
  const found = await wire.undertake(
    reading(wire, 'look for', name),
    (signal) =>
      wire.ask({ ...pull('HEAD', name), signal }, (response) =>
        response.status === 404
          ? { isThere: false }
          : { isThere: true, descriptor: describe(response, name.tagOrDigest) },
      ),
    options,
  )
  if (!found.isThere || found.descriptor) return found.descriptor
  const fetched = await getManifest(wire, name, options)
  return fetched?.descriptor
}

/** @throws RegistryFailure CONTENT_MISMATCH when the bytes have another digest than asked for or announced, or are too many */
export async function getManifest(
  wire: Wire,
  name: ManifestName,
  options: Waiting = {},
): Promise<FetchedManifest | undefined> {
  const { tagOrDigest } = name
  const undertaking = reading(wire, 'read', name)
  const mismatch = (why: string) =>
    new RegistryFailure('CONTENT_MISMATCH', `cannot ${undertaking.what}: ${why}`)
  return wire.undertake(
    undertaking,
    (signal) =>
      wire.ask({ ...pull('GET', name), signal }, async (response) => {
        if (response.status === 404) return undefined
        const bytes = await readAtMost(response.body, largestManifest)
        if (!bytes) throw mismatch('it is larger than 4 MiB')
        const announced = response.headers['docker-content-digest'] ?? ''
        const expected = isDigest(tagOrDigest) ? tagOrDigest : isDigest(announced) ? announced : undefined
        const digest = digestOf(bytes, expected)
        if (expected !== undefined && digest !== expected) {
          throw mismatch(`its ${bytes.length} bytes have the digest ${digest}, not ${expected}`)
        }
        const mediaType = contentType(response) || mediaTypeField(bytes)
        return { descriptor: { mediaType, digest, size: bytes.length }, bytes }
      }),
    options,
  )
}

/** @throws RegistryFailure CONTENT_MISMATCH when the registry says that it keeps other bytes */
export async function pushManifest(
  wire: Wire,
  name: ManifestName,
  manifest: NewManifest,
  options: Waiting = {},
): Promise<void> {
  const { repository, tagOrDigest } = name
  const { mediaType, bytes } = manifest
  const what = `push ${nameManifest(wire.host, repository, tagOrDigest, mediaType)}`
  const question: Question = {
    purpose: 'PUT manifest',
    method: 'PUT',
    path: `/v2/${repository}/manifests/${tagOrDigest}`,
    scopes: [{ repository, actions: ['pull', 'push'] }],
    headers: { 'content-type': mediaType },
    body: {
      size: bytes.length,
      async *open() {
        yield bytes
      },
    },
    accept: [200, 201, 202],
  }
  await wire.undertake(
    { what, repository, access: 'write' },
    (signal) =>
      wire.ask({ ...question, signal }, (response) => {
        const announced = response.headers['docker-content-digest'] ?? ''
        if (!isDigest(announced)) return
        const digest = digestOf(bytes, announced)
        if (digest === announced) return
        throw new RegistryFailure(
          'CONTENT_MISMATCH',
          `cannot ${what}: the registry says it has the digest ${announced}, not ${digest}`,
        )
      }),
    options,
  )
}

function pull(method: 'HEAD' | 'GET', { repository, tagOrDigest }: ManifestName): Question {
  return {
    purpose: `${method} manifest`,
    method,
    path: `/v2/${repository}/manifests/${tagOrDigest}`,
    scopes: [{ repository, actions: ['pull'] }],
    headers: { accept: acceptManifests },
    accept: [200, 404],
  }
}

function reading(wire: Wire, verb: string, { repository, tagOrDigest }: ManifestName) {
  return {
    what: `${verb} ${nameManifest(wire.host, repository, tagOrDigest)}`,
    repository,
    access: 'read',
  } as const
}

function describe(response: HttpResponse, tagOrDigest: string): Descriptor | undefined {
  const announced = response.headers['docker-content-digest'] ?? ''
  const digest = isDigest(tagOrDigest) ? tagOrDigest : isDigest(announced) ? announced : undefined
  const size = Number(response.headers['content-length'] ?? Number.NaN)
  const mediaType = contentType(response)
  if (digest === undefined || !Number.isSafeInteger(size) || size <= 0 || mediaType === '') return undefined
  return { mediaType, digest, size }
}

function contentType(response: HttpResponse): string {
  const text = (response.headers['content-type'] ?? '').split(';', 1)[0]!.trim().toLowerCase()
  // What servers say that do not know.
  return text === 'application/json' || text === 'text/plain' || text === 'application/octet-stream'
    ? ''
    : text
}

function mediaTypeField(bytes: Uint8Array): string {
  try {
    const document: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'))
    const mediaType = (document as { mediaType?: unknown } | null)?.mediaType
    return typeof mediaType === 'string' ? mediaType : ''
  } catch {
    return ''
  }
}

function digestOf(bytes: Uint8Array, like: Digest | undefined): Digest {
  const algorithm = like === undefined ? 'sha256' : digestAlgorithm(like)
  return `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`
}
