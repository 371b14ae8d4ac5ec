/** The workload as single builds with staged context folders, which is what other builders take. */
import { openPlan, resolvePlan, type ResolvedImage, type ResolvedPlan } from '../../src/build/index.ts'
import { formatPlatform } from '../../src/oci/index.ts'
import { temporaryFolder } from '../../test/support/temporary-folder.ts'
import { stageContext } from './stage.ts'
import type { PeerOptions } from './peer.ts'

export interface PeerBuild {
  /** image and variant, such as `web-distroless` */
  readonly name: string
  /** absolute path */
  readonly dockerfile: string
  /** folder, shared by the variants of an image */
  readonly context: string
  readonly args: Readonly<Record<string, string>>
  /** such as `linux/amd64` */
  readonly platforms: readonly string[]
  /** where it is pushed */
  readonly reference: string
  /** others stand on it */
  readonly isBase: boolean
}

export interface PeerBuilds extends AsyncDisposable {
  /** bases first */
  readonly builds: readonly PeerBuild[]
  /** makes the context folders anew; not part of anybody's time */
  readonly stage: () => Promise<void>
}

export async function peerBuilds(options: PeerOptions): Promise<PeerBuilds> {
  const { images } = await resolveWorkload(options)
  const folder = await temporaryFolder()
  return {
    builds: images.map((image) => buildOf(image, folder.join(image.name))),
    async stage() {
      const contexts = new Map(images.map((image) => [image.name, image]))
      for (const [name, { platforms }] of contexts)
        await stageContext(
          folder.join(name),
          platforms.flatMap(({ files }) => files ?? []),
        )
    },
    [Symbol.asyncDispose]: folder.remove,
  }
}

/** The images of the plan under the registry of the peer: bases first, then all images in all variants. */
export async function resolveWorkload({
  workload,
  registry,
}: PeerOptions): Promise<{ plan: ResolvedPlan; images: ResolvedImage[] }> {
  const { root } = workload
  const written = await openPlan({ directory: root, files: ['slipway.yaml'], root, env: process.env })
  const hub = `${registry.host}/demo`
  const plan = resolvePlan(written, { hubs: [hub], args: { BASE_REGISTRY: hub } })
  const bases = written.images
    .filter((image) => image.isBase)
    .map((image) => plan.resolveImage({ image: image.name, variant: undefined }))
  return { plan, images: [...bases, ...plan.images] }
}

function buildOf(image: ResolvedImage, context: string): PeerBuild {
  return {
    name: [image.name, image.variant].filter((part) => part !== undefined).join('-'),
    dockerfile: image.dockerfile,
    context,
    args: image.args,
    platforms: image.platforms.map(({ platform }) => formatPlatform(platform)),
    reference: image.tags[0]!,
    isBase: image.base,
  }
}
