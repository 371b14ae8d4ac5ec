/**
 * What refers to a manifest (distribution-spec "Listing Referrers", "Pushing Manifests with Subject"). Registries of
 * version 1.1 keep the list themselves; for others clients keep it, as an index under the tag `sha256-<hex>`.
 */
import { limit, type Limit, type Waiting } from '../base/index.ts'
import { readAtMost } from '../http/index.ts'
import {
  digestAlgorithm,
  digestHex,
  encodeJson,
  isDigest,
  mediaTypes,
  type Descriptor,
  type Digest,
  type Index,
} from '../oci/index.ts'
import { getManifest } from './manifests.ts'
import { pushManifest, type NewManifest } from './push-manifest.ts'
import { RegistryFailure } from './registry-failure.ts'
import type { Wire } from './wire.ts'

export interface NewReferrer {
  readonly subject: Digest
  readonly manifest: NewManifest
  /** how it is listed: media type, digest, size, artifact type and annotations of the manifest */
  readonly descriptor: Descriptor
}

export interface Referrers {
  list(repository: string, subject: Digest, options?: Waiting): Promise<readonly Descriptor[]>
  push(repository: string, referrer: NewReferrer, options?: Waiting): Promise<void>
}

const largestPage = 4 << 20
const mostPages = 100
/** Another client may write the same tag between our look and our write; then it is done again. */
const attempts = 5

export function newReferrers(wire: Wire): Referrers {
  /** false when the registry has said that it keeps no lists */
  let keepsLists: boolean | undefined
  const writers = new Map<string, Limit>()

  const list = async (repository: string, subject: Digest, options: Waiting = {}): Promise<Descriptor[]> => {
    if (keepsLists !== false) {
      const listed = await listedByRegistry(wire, repository, subject, options)
      if (listed) {
        keepsLists = true
        return listed
      }
    }
    const index = await taggedIndex(wire, repository, subject, options)
    // A repository that does not exist yet is "not found" too, whatever the registry can do.
    if (index) keepsLists = false
    return [...(index?.manifests ?? [])]
  }

  /** One writer of a tag at a time in this process; other processes are noticed by reading the tag again. */
  const addToTag = (repository: string, { subject, descriptor }: NewReferrer, options: Waiting) => {
    const tag = tagOf(subject)
    const writer = writers.get(`${repository} ${tag}`) ?? limit(1)
    writers.set(`${repository} ${tag}`, writer)
    return writer(async () => {
      for (let attempt = 0; ; attempt++) {
        const index = (await taggedIndex(wire, repository, subject, options)) ?? emptyIndex
        if (index.manifests.some(({ digest }) => digest === descriptor.digest)) return
        if (attempt === attempts) throw overwritten(wire, repository, tag)
        const bytes = encodeJson({ ...index, manifests: [...index.manifests, descriptor] })
        const manifest = { mediaType: mediaTypes.index, bytes }
        await pushManifest(wire, { repository, tagOrDigest: tag }, manifest, options)
      }
    })
  }
  return {
    list,
    async push(repository, referrer, options = {}) {
      const { subject } = await pushManifest(
        wire,
        { repository, tagOrDigest: referrer.descriptor.digest },
        referrer.manifest,
        options,
      )
      keepsLists = subject !== undefined
      if (!keepsLists) await addToTag(repository, referrer, options)
    },
  }
}

/** `sha256-<hex>`, at most 128 characters */
function tagOf(subject: Digest): string {
  return `${digestAlgorithm(subject)}-${digestHex(subject)}`.slice(0, 128)
}

/** Nothing when the registry does not know the question. */
async function listedByRegistry(
  wire: Wire,
  repository: string,
  subject: Digest,
  options: Waiting,
): Promise<Descriptor[] | undefined> {
  const found: Descriptor[] = []
  let path: string | undefined = `/v2/${repository}/referrers/${subject}`
  for (let page = 0; path !== undefined && page < mostPages; page++) {
    const asked: string = path
    const answer = await wire.undertake(
      { what: `list what refers to ${subject} in ${wire.host}/${repository}`, repository, access: 'read' },
      (signal) =>
        wire.ask(
          {
            purpose: 'GET referrers',
            method: 'GET',
            path: asked,
            scopes: [{ repository, actions: ['pull'] }],
            headers: { accept: mediaTypes.index },
            accept: [200, 400, 404, 405, 501],
            signal,
          },
          async (response) => {
            const isIndex = (response.headers['content-type'] ?? '').startsWith(mediaTypes.index)
            if (response.status !== 200 || !isIndex) return undefined
            const bytes = await readAtMost(response.body, largestPage)
            return { manifests: manifestsOf(bytes), next: nextPage(response.headers['link']) }
          },
        ),
      options,
    )
    if (!answer?.manifests) return undefined
    found.push(...answer.manifests)
    path = answer.next
  }
  return found
}

const emptyIndex: Index = { schemaVersion: 2, mediaType: mediaTypes.index, manifests: [] }

/** The index under the fallback tag, with all its fields; nothing when there is none. */
async function taggedIndex(
  wire: Wire,
  repository: string,
  subject: Digest,
  options: Waiting,
): Promise<Index | undefined> {
  const tagOrDigest = tagOf(subject)
  const found = await getManifest(wire, { repository, tagOrDigest }, options)
  if (!found) return undefined
  const manifests = manifestsOf(found.bytes)
  if (manifests) return { ...(JSON.parse(Buffer.from(found.bytes).toString('utf8')) as Index), manifests }
  throw new RegistryFailure(
    'REGISTRY_REFUSED',
    `${wire.host}/${repository}:${tagOrDigest} is no index, and that tag is for what refers to ${subject}`,
  )
}

function overwritten(wire: Wire, repository: string, tag: string): RegistryFailure {
  return new RegistryFailure(
    'REGISTRY_REFUSED',
    `cannot add to the index ${wire.host}/${repository}:${tag}: others overwrite it`,
  )
}

/** Descriptors of an index; nothing for what is none. */
function manifestsOf(bytes: Uint8Array | undefined): Descriptor[] | undefined {
  if (bytes === undefined) return undefined
  try {
    const { manifests } = JSON.parse(Buffer.from(bytes).toString('utf8')) as { manifests?: unknown }
    if (!Array.isArray(manifests)) return undefined
    return manifests.filter((one: { digest?: unknown } | null): one is Descriptor =>
      isDigest(String(one?.digest)),
    )
  } catch {
    return undefined
  }
}

/** The target of a `Link` header with `rel="next"` (RFC 8288). */
function nextPage(link: string | undefined): string | undefined {
  return /<([^>]+)>\s*;[^,]*\brel="?next"?/.exec(link ?? '')?.[1]
}
