/**
 * Documents about images, each for one platform: SBOMs and provenance. What they say is found out once for a build;
 * the documents themselves are made for the manifest that a destination has.
 */
import { all, once, type Waiting } from '../../base/index.ts'
import type { Descriptor, Digest } from '../../oci/index.ts'
import { parseEpoch } from '../epoch.ts'
import type { Emit } from '../events.ts'
import type { BuiltImage, BuiltPlatform } from '../image.ts'
import type { ResolvedImage, ResolvedPlan } from '../plan/model.ts'
import type { AttestOptions } from './attest-options.ts'
import { referrerOf, type Referrer, type ReferrerDocument } from './referrer.ts'

export interface AttestorOptions extends Waiting {
  /** what is asked for an image */
  readonly asked: (image: ResolvedImage) => AttestOptions | undefined
  readonly plan: ResolvedPlan
  /** cache folder */
  readonly cache: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly emit: Emit
  /** version of Slipway */
  readonly version: string
  /** seconds since the epoch, the time of documents; default 0 */
  readonly sourceDateEpoch?: number | undefined
}

/** Adds to a built image how its documents are made. @throws Failure SOURCE_CHANGED | FILE_SYSTEM | REGISTRY_… */
export type Attest = (image: ResolvedImage, built: BuiltImage) => Promise<BuiltImage>

/** Looks at a build, and then makes the documents about any manifest of it. */
type Writer = (
  image: ResolvedImage,
  built: BuiltPlatform,
) => Promise<(manifest: Descriptor) => ReferrerDocument[]>

export function newAttestor(options: AttestorOptions): Attest {
  const load = once<string, Writer[]>()
  return async (image, built) => {
    const asked = options.asked(image)
    if (!asked) return built
    const writers = await load(JSON.stringify(asked), () => loadWriters(asked, options))
    const platforms = await all(built.platforms, async (platform): Promise<BuiltPlatform> => {
      const documents = await all(writers, (writer) => writer(image, platform))
      return {
        ...platform,
        referrers: remembered((manifest) =>
          documents.flatMap((write) => write(manifest)).map((document) => referrerOf(manifest, document)),
        ),
      }
    })
    return { ...built, platforms }
  }
}

async function loadWriters({ sbom, provenance }: AttestOptions, options: AttestorOptions): Promise<Writer[]> {
  const { emit, sourceDateEpoch } = options
  const warn = (message: string) => emit({ kind: 'warning', message })
  const writers: Writer[] = []
  if (sbom.length > 0) {
    const { newSbomWriter } = await import('./sbom/sbom-writer.ts')
    const timeOf = ({ args }: ResolvedImage) => parseEpoch(args['SOURCE_DATE_EPOCH']) ?? sourceDateEpoch ?? 0
    writers.push(newSbomWriter({ ...options, sbom, timeOf, warn }))
  }
  if (provenance) {
    const { newProvenanceWriter } = await import('./provenance/provenance-writer.ts')
    writers.push(newProvenanceWriter({ ...options, ...provenance, warn }))
  }
  return writers
}

/** Several destinations ask for the same documents. */
function remembered(
  make: (manifest: Descriptor) => readonly Referrer[],
): (manifest: Descriptor) => readonly Referrer[] {
  const made = new Map<Digest, readonly Referrer[]>()
  return (manifest) => {
    const referrers = made.get(manifest.digest) ?? make(manifest)
    made.set(manifest.digest, referrers)
    return referrers
  }
}
