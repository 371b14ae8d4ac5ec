/** The demo plan as single builds with staged context folders, which is what other builders take. */
import { join } from 'node:path'
import { openPlan, resolvePlan, type ResolvedImage } from '../src/build/index.ts'
import { formatPlatform } from '../src/oci/index.ts'
import type { PeerBuild } from './peers/peer.ts'
import { stageContext } from './peers/stage.ts'

/** Bases first. Staging the contexts is not part of anybody's time. */
export async function peerBuilds(root: string, folder: string, registry: string): Promise<PeerBuild[]> {
  const demo = join(root, 'examples/demo')
  const plan = await openPlan({
    directory: root,
    files: ['examples/demo/slipway.yaml'],
    root: demo,
    env: process.env,
  })
  const resolved = resolvePlan(plan, {
    hubs: [`${registry}/demo`],
    args: { BASE_REGISTRY: `${registry}/demo` },
  })
  const bases = plan.images
    .filter((image) => image.isBase)
    .map((image) => resolved.resolveImage({ image: image.name, variant: undefined }))
  return Promise.all(
    [...bases, ...resolved.images].map((image, index) => peerBuild(image, join(folder, String(index)))),
  )
}

async function peerBuild(image: ResolvedImage, context: string): Promise<PeerBuild> {
  const files = image.platforms.flatMap((platform) => platform.files ?? [])
  await stageContext(context, files)
  return {
    dockerfile: image.dockerfile,
    context,
    args: image.args,
    platforms: image.platforms.map(({ platform }) => formatPlatform(platform)),
    reference: image.tags[0]!,
  }
}
