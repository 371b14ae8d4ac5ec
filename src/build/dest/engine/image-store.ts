/** How the three kinds of stores behind the Engine API take images. No I/O. */
import {
  readContent,
  formatPlatform,
  jsonBlob,
  normalisePlatform,
  toDockerMediaType,
  type Descriptor,
  type Digest,
  type ImageConfig,
  type Manifest,
  type Platform,
} from '../../../oci/index.ts'
import { chosenPlatform } from '../archive/image-archive.ts'
import type { BuiltImage, BuiltPlatform } from '../../image.ts'
import type { EngineImage, EngineInfo, EngineVersion } from './engine-client.ts'

/**
 * `graphdriver`: Docker's own store, by config and chain of layers; `containerd`: manifests and blobs as they are;
 * `podman`: containers-storage.
 */
export type StoreKind = 'graphdriver' | 'containerd' | 'podman'

export interface ImageStore {
  readonly kind: StoreKind
  /** what the daemon runs */
  readonly platform: Platform
  /** whether it can be known afterwards that a load without some layers left a whole image */
  readonly isVerifiable: boolean
}

/** An image as one store takes it. */
export interface LoadableImage {
  /** with the platforms the store keeps, and its manifest or index as it will be sent */
  readonly image: BuiltImage
  /** how the store will call it */
  readonly id: Digest
  /** platforms that are left out, because the store keeps one */
  readonly leftOut: readonly Platform[]
  /** the store will drop its health check */
  readonly losesHealthcheck: boolean
}

export function storeOf({ Components = [], ApiVersion }: EngineVersion, info: EngineInfo): ImageStore {
  const isPodman = Components.some(({ Name }) => Name === 'Podman Engine')
  const isContainerd = info.DriverStatus?.some(
    ([name, value]) => name === 'driver-type' && value.startsWith('io.containerd.snapshotter'),
  )
  const architecture = machineNames.get(info.Architecture) ?? info.Architecture
  return {
    kind: isPodman ? 'podman' : isContainerd ? 'containerd' : 'graphdriver',
    platform: normalisePlatform({ os: info.OSType || 'linux', architecture }),
    // The others refuse what lacks a layer they do not have.
    isVerifiable: !isContainerd || reportsManifests(ApiVersion),
  }
}

/** Whether `inspect` tells which manifests are there in full: from API 1.48 on. */
function reportsManifests(version = '0'): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major > 1 || (major === 1 && minor >= 48)
}

/** `uname -m` -> architecture */
const machineNames = new Map([
  ['x86_64', 'amd64'],
  ['aarch64', 'arm64'],
  ['armv7l', 'arm'],
  ['i686', '386'],
])

export async function loadableImage(
  image: BuiltImage,
  { kind, platform }: ImageStore,
): Promise<LoadableImage> {
  if (kind === 'containerd')
    return { image, id: image.top.descriptor.digest, leftOut: [], losesHealthcheck: false }
  const chosen = chosenPlatform(image, platform)
  const isAtRisk = kind === 'podman' && (await hasHealthcheck(chosen))
  const kept = (isAtRisk ? dockerTyped(chosen) : undefined) ?? chosen
  return {
    image: { ...image, platforms: [kept], top: kept.manifest },
    id: chosen.config.descriptor.digest,
    leftOut: image.platforms.flatMap((other) => (other === chosen ? [] : [other.platform])),
    losesHealthcheck: isAtRisk && kept === chosen,
  }
}

/** Whether the store has all of an image that it found by its id. */
export function isComplete({ Manifests }: EngineImage, { image }: LoadableImage): boolean {
  if (!Manifests) return true
  const available = new Set(Manifests.flatMap(({ ID, Available }) => (Available ? [ID] : [])))
  return image.platforms.every(({ manifest }) => available.has(manifest.descriptor.digest))
}

export function describePlatforms(platforms: readonly Platform[]): string {
  return platforms.map((platform) => formatPlatform(platform)).join(', ')
}

async function hasHealthcheck({ config }: BuiltPlatform): Promise<boolean> {
  const document = JSON.parse((await readContent(config.open)).toString('utf8')) as ImageConfig
  return document.config?.Healthcheck !== undefined
}

/** The same image with Docker's media types, of which alone podman reads health checks; nothing if a layer has none. */
function dockerTyped(platform: BuiltPlatform): BuiltPlatform | undefined {
  const typed = (descriptor: Descriptor): Descriptor | undefined => {
    const mediaType = toDockerMediaType(descriptor.mediaType)
    return mediaType === undefined ? undefined : { ...descriptor, mediaType }
  }
  const config = typed(platform.config.descriptor)
  const layers = platform.layers.flatMap(({ blob }) => typed(blob.descriptor) ?? [])
  if (config === undefined || layers.length < platform.layers.length) return undefined
  const mediaType = 'application/vnd.docker.distribution.manifest.v2+json'
  const document: Manifest = { schemaVersion: 2, mediaType, config, layers }
  return { ...platform, manifest: jsonBlob(mediaType, document) }
}
