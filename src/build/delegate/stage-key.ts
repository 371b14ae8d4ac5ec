/** The name of a delegated stage's result: a digest of everything that goes into it. */
import { createHash } from 'node:crypto'
import type { Waiting } from '../../base/index.ts'
import { encodeJson, formatPlatform, sha256 } from '../../oci/index.ts'
import type { StageContext, StageRequest } from './stage-request.ts'
import { treeDigest } from './tree-digest.ts'

/** Changes when the layout of the cache does. */
const format = 1

/**
 * Which builder is asked for counts, but not which one answers or its version: then it would have to be asked first, and
 * a result would be lost with the daemon that made it.
 */
export async function stageKey(request: StageRequest, waiting: Waiting = {}): Promise<string> {
  const { choice, dockerfile, platform, args, context, folders, bases, epoch } = request
  const parts = {
    format,
    choice,
    dockerfile,
    platform: formatPlatform(platform),
    args,
    epoch,
    context: context && (await contextDigest(context, waiting)),
    folders: await Promise.all(
      Array.from(folders, async ([name, folder]) => [name, await contextDigest(folder, waiting)]),
    ),
    bases: bases
      .map(({ name, platform: of, image }) => [
        name,
        formatPlatform(of),
        sha256(encodeJson(image.config)),
        ...image.layers.map((layer) => layer.diffId),
      ])
      .toSorted((a, b) => (a.join() < b.join() ? -1 : 1)),
  }
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex')
}

async function contextDigest(context: StageContext, waiting: Waiting): Promise<string> {
  return [await treeDigest(context, waiting), ...context.aliases].join()
}
