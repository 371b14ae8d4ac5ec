/** What a registry in memory keeps: blobs, where they are seen, manifests and tags. */
import type { IncomingMessage } from 'node:http'
import { digestOf, empty, json, problem, type Answer } from './answer.ts'
import type { Dialect } from './dialect.ts'

export interface StoredManifest {
  readonly mediaType: string
  readonly bytes: Buffer
}

export interface Content {
  /** by digest, for all repositories */
  readonly blobs: Map<string, Buffer>
  /** by `repository:tag` and `repository@digest` */
  readonly manifests: Map<string, StoredManifest>
  readonly exists: (repository: string) => boolean
  readonly isSeen: (repository: string, digest: string) => boolean
  /** makes a blob that the registry has seen in a repository */
  readonly link: (repository: string, digest: string) => void
  readonly readBlob: (request: IncomingMessage, repository: string, digest: string) => Answer
  readonly writeManifest: (
    request: IncomingMessage,
    repository: string,
    name: string,
    bytes: Buffer,
  ) => Answer
  readonly readManifest: (repository: string, name: string) => Answer
  readonly listTags: (repository: string) => Answer
  readonly collectBlobs: () => void
}

export function newContent(dialect: Dialect): Content {
  const blobs = new Map<string, Buffer>()
  const links = new Set<string>()
  const referred = new Set<string>()
  const manifests = new Map<string, StoredManifest>()
  const link = (repository: string, digest: string) => void links.add(`${repository}@${digest}`)
  const isSeen = (repository: string, digest: string) =>
    blobs.has(digest) &&
    (dialect.visibility === 'registry' ||
      links.has(`${repository}@${digest}`) ||
      (dialect.sharesReferred && referred.has(digest)))
  const exists = (repository: string) => dialect.repositories?.includes(repository) ?? true

  return {
    blobs,
    manifests,
    exists,
    isSeen,
    link,
    readBlob(request, repository, digest) {
      if (dialect.linksOnHead && request.method === 'HEAD' && blobs.has(digest)) link(repository, digest)
      const bytes = isSeen(repository, digest) ? blobs.get(digest) : undefined
      if (!bytes) {
        return dialect.absentBlob === 403
          ? problem(403, 'DENIED', 'not allowed')
          : problem(404, 'BLOB_UNKNOWN', 'blob unknown to registry')
      }
      const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '')
      if (!range) return { status: 200, headers: { 'docker-content-digest': digest }, body: bytes }
      const [start, end] = [Number(range[1]), Number(range[2])]
      const headers = { 'content-range': `bytes ${start}-${end}/${bytes.length}` }
      return { status: 206, headers, body: bytes.subarray(start, end + 1) }
    },
    writeManifest(request, repository, name, bytes) {
      if (!exists(repository)) return problem(404, 'NAME_UNKNOWN', `no repository ${repository}`)
      const mediaType = request.headers['content-type'] ?? ''
      const digest = digestOf(bytes)
      const named = digestsIn(bytes)
      const missing = named.find((one) => !isSeen(repository, one) && !manifests.has(`${repository}@${one}`))
      if (dialect.checksManifests && missing !== undefined) {
        return problem(400, 'MANIFEST_BLOB_UNKNOWN', `blob unknown to registry: ${missing}`)
      }
      const tag = name.includes(':') ? undefined : `${repository}:${name}`
      if (dialect.immutableTags && tag !== undefined && manifests.has(tag)) {
        return problem(400, 'TAG_INVALID', `The image tag '${name}' already exists and is immutable.`)
      }
      manifests.set(`${repository}@${digest}`, { mediaType, bytes })
      if (tag !== undefined) manifests.set(tag, { mediaType, bytes })
      for (const one of named) referred.add(one)
      return empty(201, { 'docker-content-digest': digest })
    },
    readManifest(repository, name) {
      const found = manifests.get(`${repository}${name.includes(':') ? '@' : ':'}${name}`)
      if (!found) return problem(404, 'MANIFEST_UNKNOWN', 'manifest unknown')
      const headers = { 'content-type': found.mediaType, 'docker-content-digest': digestOf(found.bytes) }
      return { status: 200, headers, body: found.bytes }
    },
    listTags(repository) {
      const names = Array.from(manifests.keys()).filter((name) => name.startsWith(`${repository}:`))
      if (names.length === 0) return problem(404, 'NAME_UNKNOWN', `no repository ${repository}`)
      return json(200, { name: repository, tags: names.map((name) => name.slice(repository.length + 1)) })
    },
    collectBlobs() {
      blobs.clear()
      links.clear()
    },
  }
}

interface Named {
  readonly digest?: string
}

function digestsIn(bytes: Buffer): string[] {
  try {
    const {
      config,
      layers = [],
      manifests = [],
    } = JSON.parse(bytes.toString()) as {
      config?: Named
      layers?: readonly Named[]
      manifests?: readonly Named[]
    }
    return [...(config ? [config] : []), ...layers, ...manifests].map(({ digest = '' }) => digest)
  } catch {
    return []
  }
}
