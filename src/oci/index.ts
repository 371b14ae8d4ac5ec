/**
 * image-spec and distribution-spec nouns: digests, descriptors, manifests, indexes, configs, platforms, references.
 * Pure; wire types mirror the JSON of the specs.
 */
export {
  bytesBlob,
  bytesOpener,
  readContent,
  type Blob,
  type BlobOrigin,
  type Opener,
  type OpenOptions,
  type UnnamedBlob,
} from './content.ts'
export {
  digestAlgorithm,
  digestHex,
  isDigest,
  parseDigest,
  sha256,
  shortDigest,
  type Digest,
} from './digest.ts'
export type {
  Descriptor,
  Healthcheck,
  HistoryEntry,
  ImageConfig,
  Index,
  Manifest,
  RunConfig,
} from './image.ts'
export { encodeJson, jsonBlob, sortKeys } from './json.ts'
export {
  acceptManifests,
  isIndexMediaType,
  isManifestMediaType,
  layerCompression,
  mediaTypes,
  toDockerMediaType,
  toOciMediaType,
} from './media-types.ts'
export {
  formatPlatform,
  hostPlatform,
  normalisePlatform,
  parsePlatform,
  samePlatform,
  type Platform,
} from './platform.ts'
export type { RegistryStore, RegistryWriter, StoredBlob, Upload } from './registry-store.ts'
export { formatReference, parseReference, type Reference } from './reference.ts'
