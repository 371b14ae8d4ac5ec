/** How the three kinds of stores behind the Engine API take images. No I/O. */
import {
  formatPlatform,
  jsonBlob,
  normalisePlatform,
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
}

/** An image as one store takes it. */
export interface LoadableImage {
  /** with the platforms the store keeps, and its manifest or index as it will be sent */
  readonly image: BuiltImage
  /** how the store will call it */
  readonly id: Digest
  /** platforms that are left out, because the store keeps one */
  readonly leftOut: readonly Platform[]
}

export function storeOf({ Components = [] }: EngineVersion, info: EngineInfo): ImageStore {
  const isPodman = Components.some(({ Name }) => Name === 'Podman Engine')
  const isContainerd = info.DriverStatus?.some(
    ([name, value]) => name === 'driver-type' && value.startsWith('io.containerd.snapshotter'),
  )
  const architecture = machineNames.get(info.Architecture) ?? info.Architecture
  return {
    kind: isPodman ? 'podman' : isContainerd ? 'containerd' : 'graphdriver',
    platform: normalisePlatform({ os: info.OSType || 'linux', architecture }),
  }
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
  if (kind === 'containerd') return { image, id: image.top.descriptor.digest, leftOut: [] }
  const chosen = chosenPlatform(image, platform)
  const kept = kind === 'podman' && (await hasHealthcheck(chosen)) ? dockerTyped(chosen) : chosen
  return {
    image: { ...image, platforms: [kept], top: kept.manifest },
    id: chosen.config.descriptor.digest,
    leftOut: image.platforms.flatMap((other) => (other === chosen ? [] : [other.platform])),
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
  const chunks: Uint8Array[] = []
  for await (const chunk of config.open()) chunks.push(chunk)
  const document = JSON.parse(Buffer.concat(chunks).toString('utf8')) as ImageConfig
  return document.config?.Healthcheck !== undefined
}

/** The same image with Docker's media types: podman reads health checks of those only. */
function dockerTyped(platform: BuiltPlatform): BuiltPlatform {
  const document: Manifest = {
    schemaVersion: 2,
    mediaType: 'application/vnd.docker.distribution.manifest.v2+json',
    config: { ...platform.config.descriptor, mediaType: 'application/vnd.docker.container.image.v1+json' },
    layers: platform.layers.map(({ blob }) => ({ ...blob.descriptor })),
  }
  return { ...platform, manifest: jsonBlob(document.mediaType, document) }
}
