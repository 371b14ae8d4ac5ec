/** What is named in messages, and how. */
import {
  layerCompression,
  isIndexMediaType,
  mediaTypes,
  shortDigest,
  toOciMediaType,
  type Descriptor,
} from '../oci/index.ts'

/** `layer sha256:9f2c41d0a7b3…` */
export function nameBlob({ mediaType, digest }: Descriptor): string {
  const kind =
    layerCompression(mediaType) !== undefined
      ? 'layer'
      : toOciMediaType(mediaType) === mediaTypes.config
        ? 'config'
        : 'blob'
  return `${kind} ${nameDigest(digest)}`
}

export function nameDigest(digest: Descriptor['digest']): string {
  return `${digest.slice(0, digest.indexOf(':'))}:${shortDigest(digest)}…`
}

/** `index ghcr.io/acme/api:1.2` */
export function nameManifest(host: string, repository: string, tagOrDigest: string, mediaType = ''): string {
  const separator = tagOrDigest.includes(':') ? '@' : ':'
  return `${isIndexMediaType(mediaType) ? 'index' : 'manifest'} ${host}/${repository}${separator}${tagOrDigest}`
}
