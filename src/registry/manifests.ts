/** Manifests and indexes asked for and read (distribution-spec "Pulling manifests"). */
import { createHash } from 'node:crypto'
import type { Waiting } from '../base/index.ts'
import { readAtMost, type HttpResponse } from '../http/index.ts'
import { acceptManifests, digestAlgorithm, isDigest, type Descriptor, type Digest } from '../oci/index.ts'
import { nameManifest } from './names.ts'
import { RegistryFailure } from './registry-failure.ts'
import { pushScope } from './scope.ts'
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

export interface HeadOptions extends Waiting {
  /** the repository is pushed to next, so that one token can serve both; default false */
  readonly willPush?: boolean | undefined
}

/** Above this size distribution-spec lets registries refuse, so nobody has larger ones. */
const largestManifest = 4 * 1024 * 1024

/** Nothing on 404, and nothing in `descriptor` when the answer's headers do not suffice for one. */
export async function headManifest(
  wire: Wire,
  name: ManifestName,
  options: HeadOptions = {},
): Promise<Descriptor | undefined> {
  const soon = options.willPush === true ? [pushScope(name.repository)] : undefined
  const found = await wire.undertake(
    reading(wire, 'look for', name),
    (signal) =>
      wire.ask({ ...pull('HEAD', name), soon, signal }, (response) =>
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

/** A question about a manifest. */
export function pull(method: 'HEAD' | 'GET', { repository, tagOrDigest }: ManifestName): Question {
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

/** What the headers of an answer say about a manifest, if they say enough. */
export function describe(response: HttpResponse, tagOrDigest: string): Descriptor | undefined {
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

/** With the algorithm of another digest, default sha256. */
export function digestOf(bytes: Uint8Array, like?: Digest): Digest {
  const algorithm = like === undefined ? 'sha256' : digestAlgorithm(like)
  return `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`
}
