/** Which end point of distribution-spec a request means (spec.md, "Endpoints"). Pure. */
import { isDigest, type Digest } from '../../oci/index.ts'
import { refuse } from './answer.ts'

export type Route =
  | { readonly kind: 'version' }
  | { readonly kind: 'manifest'; readonly repository: string; readonly reference: ManifestReference }
  | { readonly kind: 'blob'; readonly repository: string; readonly digest: Digest }
  | { readonly kind: 'uploads'; readonly repository: string }
  | { readonly kind: 'upload'; readonly repository: string; readonly id: string }
  | { readonly kind: 'tags'; readonly repository: string }
  | { readonly kind: 'referrers'; readonly repository: string; readonly digest: Digest }

export type ManifestReference = { readonly tag: string } | { readonly digest: Digest }

const part = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*'
const repositoryName = new RegExp(`^${part}(?:/${part})*$`)
const tagName = /^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/
const endPoint =
  /^\/v2\/(?<name>.+)\/(?:(?<upload>blobs\/uploads)\/(?<id>[^/]*)|(?<kind>manifests|blobs|referrers)\/(?<what>[^/]+)|(?<tags>tags\/list))$/

/** @throws Refusal 404 for what is no end point, 400 for names, tags and digests that are none */
export function routeOf(path: string): Route {
  if (path === '/v2/' || path === '/v2') return { kind: 'version' }
  const match = endPoint.exec(path.endsWith('/blobs/uploads') ? `${path}/` : path)
  if (!match?.groups) throw refuse(404, 'UNSUPPORTED', `${path} is no end point of a registry`)
  const { name = '', upload, id = '', kind, what = '', tags } = match.groups
  if (!repositoryName.test(name) || name.length > 255)
    throw refuse(400, 'NAME_INVALID', `"${name}" is not a repository name`)
  if (upload !== undefined)
    return id === '' ? { kind: 'uploads', repository: name } : { kind: 'upload', repository: name, id }
  if (tags !== undefined) return { kind: 'tags', repository: name }
  if (kind === 'manifests') return { kind: 'manifest', repository: name, reference: manifestReference(what) }
  return { kind: kind === 'blobs' ? 'blob' : 'referrers', repository: name, digest: digestOf(what) }
}

function manifestReference(text: string): ManifestReference {
  if (text.includes(':') || text.includes('%')) return { digest: digestOf(decodeURIComponent(text)) }
  return { tag: tagOf(text) }
}

/** @throws Refusal 400 DIGEST_INVALID */
export function digestOf(text: string): Digest {
  if (isDigest(text)) return text
  throw refuse(400, 'DIGEST_INVALID', `"${text}" is not a digest`)
}

/** @throws Refusal 400 TAG_INVALID */
export function tagOf(text: string): string {
  if (tagName.test(text)) return text
  throw refuse(400, 'TAG_INVALID', `"${text}" is not a tag`)
}
