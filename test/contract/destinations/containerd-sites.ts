/** containerd, and a kind cluster, as sites of the destination contract, read by ctr. */
import { containerdDestination, kindDestination } from '../../../src/build/index.ts'
import { startContainerd, type ContainerdLine } from '../../support/containerd.ts'
import { startKindCluster } from '../../support/kind-cluster.ts'
import type { Site } from '../destination.ts'

export function containerdSite(line: ContainerdLine): () => Promise<Site> {
  return async () => {
    const containerd = await startContainerd(line)
    return {
      open: (options) => containerdDestination({ ...options, socket: containerd.socket }),
      ...readers(containerd.ctr),
      expected: ({ top }) => top.descriptor.digest,
      close: containerd.stop,
    }
  }
}

/** One node, as each reads the layers it gets on its own. */
export function kindSite(line: ContainerdLine): () => Promise<Site> {
  return async () => {
    const cluster = await startKindCluster('contract', [line])
    const env = { ...process.env, ...cluster.env }
    return {
      open: (options) => kindDestination({ ...options, cluster: 'contract', env }),
      ...readers(cluster.nodes[0]!.ctr),
      expected: ({ top }) => top.descriptor.digest,
      close: cluster.dispose,
    }
  }
}

function readers(
  ctr: (args: readonly string[]) => Promise<string>,
): Pick<Site, 'names' | 'digestOf' | 'others'> {
  const lines = async (args: readonly string[]) => (await ctr(args)).split('\n').filter((line) => line !== '')
  return {
    names: () => lines(['images', 'ls', '-q']),
    digestOf: async (name) => (await lines(['images', 'ls', `name==${name}`])).at(-1)!.split(/\s+/)[2]!,
    // What nothing refers to stays until the next collection: one is asked for, and waited for.
    async others() {
      await ctr(['leases', 'create', '--id', 'none'])
      await ctr(['leases', 'delete', '--sync', 'none'])
      return [...(await lines(['content', 'ls', '-q'])), ...(await lines(['leases', 'ls', '-q']))]
    },
  }
}
