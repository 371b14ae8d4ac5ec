/**
 * A kind cluster as a destination: every node gets what it lacks, all at the same time, into the namespace its kubelet
 * looks at. No registry and no images in Docker are needed.
 */
import { all } from '../../../base/index.ts'
import { formatReference } from '../../../oci/index.ts'
import { contentOf } from '../../image.ts'
import type { Destination, DestinationOptions } from '../destination.ts'
import { latestTagWarner } from '../latest-tag.ts'
import { withState } from '../partly-moved.ts'
import { findNodes, isKnownProvider, providers } from './find-nodes.ts'
import { openNode } from './node-store.ts'

export interface KindDestinationOptions extends DestinationOptions {
  /** default: KIND_CLUSTER_NAME, else `kind` */
  readonly cluster?: string | undefined
  /** where KIND_CLUSTER_NAME and KIND_EXPERIMENTAL_PROVIDER are looked up, as kind does */
  readonly env: Readonly<NodeJS.ProcessEnv>
}

/** @throws Failure CLUSTER_NOT_FOUND | STORE_UNREACHABLE | STORE_REFUSED */
export async function kindDestination(options: KindDestinationOptions): Promise<Destination> {
  const { env, emit, tally, signal } = options
  const cluster = options.cluster ?? (env['KIND_CLUSTER_NAME'] || 'kind')
  const name = `kind ${cluster}`
  const provider = env['KIND_EXPERIMENTAL_PROVIDER']
  if (provider && !isKnownProvider(provider)) {
    const message = `KIND_EXPERIMENTAL_PROVIDER is "${provider}", which is none of ${providers.join(', ')}: ignored`
    emit({ kind: 'warning', message })
  }
  /** layers that a node received */
  const added = new Set<string>()
  const stores = await all(await findNodes(cluster, { env, signal }), (node) =>
    openNode(node, {
      env,
      tally,
      signal,
      onBlob(blob, state) {
        const place = { destination: `node ${node.name}`, digest: blob.digest, bytes: blob.size }
        if (state === 'started') emit({ kind: 'blob-started', ...place })
        else emit({ kind: 'blob', ...place, state })
        if (state === 'uploaded') added.add(blob.digest)
      },
    }),
  )
  const references = new Set<string>()
  const warn = latestTagWarner(emit)
  return {
    name,
    async stage(image) {
      if (image.references.length === 0) return []
      for (const reference of image.references) {
        warn(reference)
        references.add(formatReference(reference))
      }
      await all(stores, (store) => store.put(image))
      const blobs = contentOf(image).content.map(({ descriptor }) => descriptor)
      return blobs.filter(({ digest }) => added.has(digest))
    },
    async commit() {
      const done: string[] = []
      try {
        await all(stores, async (store) => {
          await store.commit()
          done.push(store.node.name)
        })
      } catch (error) {
        // Nodes take the names on their own: whoever looks at a cluster that is half loaded must know which did.
        const nodes = `${done.length} of ${stores.length} nodes have the images (${done.toSorted().join(', ')})`
        throw done.length > 0 ? withState(error, `${nodes}; the same command loads the rest`) : error
      }
      emit({ kind: 'published', destination: name, references: [...references].toSorted() })
    },
    async abandon() {
      await all(stores, (store) => store.abandon())
    },
  }
}
