/** Tags and referrers of a repository (distribution-spec "Content Discovery"). */
import { mediaTypes, type Descriptor, type Digest, type RegistryStore } from '../../oci/index.ts'
import { jsonAnswer, refuse, type Answer } from './answer.ts'
import { tagsOf } from './listing.ts'
import { documentOf, manifestsOf, wrongMethod, type RegistryRequest } from './request.ts'

/** Tags in byte order, `n` of them after `last`; a `Link` header leads to the rest. */
export async function answerTags(request: RegistryRequest, repository: string): Promise<Answer> {
  if (request.method !== 'GET') throw wrongMethod(request, 'GET')
  const { query, store } = request
  const all = tagsOf(await manifestsOf(store, repository))
  const last = query.get('last')
  const behind = last === null ? all : all.filter((tag) => tag > last)
  const count = countOf(query.get('n')) ?? behind.length
  const tags = behind.slice(0, count)
  const hasMore = tags.length < behind.length && tags.length > 0
  const next = `/v2/${repository}/tags/list?n=${count}&last=${encodeURIComponent(tags.at(-1) ?? '')}`
  return jsonAnswer({ name: repository, tags }, { headers: hasMore ? { link: `<${next}>; rel="next"` } : {} })
}

function countOf(text: string | null): number | undefined {
  if (text === null) return undefined
  if (/^\d+$/.test(text)) return Number(text)
  throw refuse(400, 'UNSUPPORTED', `"${text}" is not a number of tags`)
}

/** Manifests of the repository whose subject is the digest, as an index; an empty one when there are none. */
export async function answerReferrers(
  request: RegistryRequest,
  { repository, digest }: { repository: string; digest: Digest },
): Promise<Answer> {
  if (request.method !== 'GET') throw wrongMethod(request, 'GET')
  const { store, query } = request
  const wanted = query.get('artifactType')
  const manifests: Descriptor[] = []
  const seen = new Set<Digest>()
  for (const entry of (await store.manifests(repository)) ?? []) {
    if (seen.has(entry.digest)) continue
    seen.add(entry.digest)
    const found = await referrerOf(store, entry, digest)
    if (found && (wanted === null || found.artifactType === wanted)) manifests.push(found)
  }
  const index = { schemaVersion: 2, mediaType: mediaTypes.index, manifests }
  const headers = wanted === null ? {} : { 'oci-filters-applied': 'artifactType' }
  return jsonAnswer(index, { type: mediaTypes.index, headers })
}

async function referrerOf(
  store: RegistryStore,
  entry: Descriptor,
  wanted: Digest,
): Promise<Descriptor | undefined> {
  const { subject, artifactType, annotations } = await documentOf(store, entry)
  if (subject !== wanted) return undefined
  const { mediaType, digest, size } = entry
  return {
    mediaType,
    digest,
    size,
    ...(artifactType && { artifactType }),
    ...(annotations && { annotations }),
  }
}
