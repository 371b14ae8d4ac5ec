/** Which manifest of a base's index serves a platform (image-index.md, "platform"). Pure. */
import { Failure } from '../../base/index.ts'
import {
  formatPlatform,
  isIndexMediaType,
  normalisePlatform,
  samePlatform,
  type Descriptor,
  type Index,
  type Platform,
} from '../../oci/index.ts'

/**
 * The entry for the platform, or a nested index to look into. Attestations (platform unknown/unknown) are skipped.
 * @throws Failure BASE_PLATFORM listing the platforms that are there
 */
export function selectManifest(index: Index, platform: Platform, description: string): Descriptor {
  const usable = index.manifests.filter((entry) => entry.platform?.os !== 'unknown')
  const exact = usable.find((entry) => entry.platform !== undefined && samePlatform(platform, entry.platform))
  const nested = usable.find((entry) => entry.platform === undefined && isIndexMediaType(entry.mediaType))
  const found = exact ?? lowerVariant(usable, platform) ?? sameArchitecture(usable, platform) ?? nested
  if (found) return found
  const available = usable.flatMap((entry) => (entry.platform ? [formatPlatform(entry.platform)] : []))
  throw new Failure('BASE_PLATFORM', `base image ${description} has no ${formatPlatform(platform)}`, {
    hint: available.length === 0 ? 'it names no platform at all' : `it has ${available.join(', ')}`,
  })
}

/** Whether an image runs on a platform: of its own variant or a lower one; a variant left open serves every other. */
export function runsOn(image: Platform, platform: Platform): boolean {
  if (image.os !== platform.os || image.architecture !== platform.architecture) return false
  const [own, wanted] = [normalisePlatform(image).variant, platform.variant]
  return own === undefined || wanted === undefined || level(own) <= level(wanted)
}

/** The highest variant below: arm/v7 runs v6, amd64/v2 runs plain amd64. */
function lowerVariant(entries: readonly Descriptor[], platform: Platform): Descriptor | undefined {
  if (platform.variant === undefined) return undefined
  return entries
    .filter((entry) => entry.platform !== undefined && runsOn(entry.platform, platform))
    .toSorted((a, b) => level(b.platform?.variant) - level(a.platform?.variant))[0]
}

/** 7 of `v7`; no variant comes before the first. */
function level(variant: string | undefined): number {
  return Number(/^v?(\d+)/.exec(variant ?? '')?.[1] ?? 0)
}

/** An entry that leaves the variant open serves every variant, as containerd matches. */
function sameArchitecture(entries: readonly Descriptor[], platform: Platform): Descriptor | undefined {
  if (platform.variant !== undefined) return undefined
  const { os, architecture } = platform
  const candidates = entries.filter(
    (entry) => entry.platform?.os === os && entry.platform.architecture === architecture,
  )
  return candidates.length === 1 ? candidates[0] : undefined
}
