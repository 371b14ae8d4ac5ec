/**
 * Media types of image-spec media-types.md, and the Docker types they stand for.
 * We always write OCI types; Docker types of a base are read and mapped one to one (the bytes stay the same).
 */
export const mediaTypes = {
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  index: 'application/vnd.oci.image.index.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  layer: 'application/vnd.oci.image.layer.v1.tar',
  layerGzip: 'application/vnd.oci.image.layer.v1.tar+gzip',
  layerZstd: 'application/vnd.oci.image.layer.v1.tar+zstd',
  empty: 'application/vnd.oci.empty.v1+json',
} as const

const dockerToOci = new Map<string, string>([
  ['application/vnd.docker.distribution.manifest.v2+json', mediaTypes.manifest],
  ['application/vnd.docker.distribution.manifest.list.v2+json', mediaTypes.index],
  ['application/vnd.docker.container.image.v1+json', mediaTypes.config],
  ['application/vnd.docker.image.rootfs.diff.tar', mediaTypes.layer],
  ['application/vnd.docker.image.rootfs.diff.tar.gzip', mediaTypes.layerGzip],
  ['application/vnd.docker.image.rootfs.diff.tar.zstd', mediaTypes.layerZstd],
  [
    'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip',
    'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip',
  ],
])

/** The Docker media type (image manifest V 2, schema 2) for an OCI one, or nothing: there is none for zstd. */
export function toDockerMediaType(mediaType: string): string | undefined {
  const [docker] = [...dockerToOci].find(([, oci]) => oci === mediaType) ?? []
  return docker?.endsWith('zstd') ? undefined : docker
}

/** The OCI media type for a Docker one; every other type unchanged. */
export function toOciMediaType(mediaType: string): string {
  return dockerToOci.get(mediaType) ?? mediaType
}

export function isIndexMediaType(mediaType: string): boolean {
  return toOciMediaType(mediaType) === mediaTypes.index
}

export function isManifestMediaType(mediaType: string): boolean {
  return toOciMediaType(mediaType) === mediaTypes.manifest
}

/** How the bytes of a layer are compressed, or nothing for a type that is no layer. */
export function layerCompression(mediaType: string): 'none' | 'gzip' | 'zstd' | undefined {
  if (!/layer|rootfs/.test(mediaType)) return undefined
  if (/[.+]gzip$/.test(mediaType)) return 'gzip'
  return /[.+]zstd$/.test(mediaType) ? 'zstd' : 'none'
}

/** `Accept` header for a manifest or an index, in the order we like them. */
export const acceptManifests = [
  mediaTypes.index,
  mediaTypes.manifest,
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ')
