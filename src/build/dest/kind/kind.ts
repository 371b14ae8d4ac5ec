/**
 * A kind cluster as a destination: every node gets what it lacks, all at the same time, into the namespace its kubelet
 * looks at. No registry and no images in Docker are needed.
 */
import { all, Failure } from '../../../base/index.ts'
import { formatReference } from '../../../oci/index.ts'
import { contentOf } from '../../image.ts'
import type { Destination, DestinationOptions } from '../destination.ts'
import { findNodes } from './find-nodes.ts'
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
  return {
    name,
    async stage(image) {
      if (image.references.length === 0) return []
      for (const reference of image.references) {
        const text = formatReference(reference)
        if (reference.tag === 'latest' && !references.has(text)) {
          emit({
            kind: 'warning',
            message: `Kubernetes will not use the loaded image ${text}: it pulls what is tagged "latest" anew`,
            hint: 'use another tag, or set "imagePullPolicy: IfNotPresent"',
          })
        }
        references.add(text)
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
        throw done.length > 0 ? partlyLoaded(error, done, stores.length) : error
      }
      emit({ kind: 'published', destination: name, references: [...references].toSorted() })
    },
    async abandon() {
      await all(stores, (store) => store.abandon())
    },
  }
}

/** Nodes take the names on their own: whoever looks at a cluster that is half loaded must know which did. */
function partlyLoaded(error: unknown, nodes: readonly string[], count: number): unknown {
  if (!(error instanceof Failure)) return error
  const state = `${nodes.length} of ${count} nodes have the images (${nodes.toSorted().join(', ')}); the same command loads the rest`
  const { code, message, output, hint } = error
  return new Failure(code, message, {
    cause: error,
    output,
    hint: hint === undefined ? state : `${hint}; ${state}`,
  })
}
