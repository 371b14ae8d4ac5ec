/** Docker daemons with either store, and podman, as sites of the destination contract, read by their own commands. */
import { dockerDestination, podmanDestination } from '../../../src/build/index.ts'
import { formatReference, parseReference } from '../../../src/oci/index.ts'
import { startDockerd, type ImageStore } from '../../support/dockerd.ts'
import { startPodman } from '../../support/podman.ts'
import type { Site } from '../destination.ts'

export function dockerSite(store: ImageStore): () => Promise<Site> {
  return async () => {
    const daemon = await startDockerd({ store })
    return {
      open: (options) => dockerDestination({ env: { DOCKER_HOST: daemon.host } }, options),
      ...readers((args) => daemon.run(args)),
      expected: ({ top, platforms }) =>
        (store === 'containerd' ? top : platforms[0]!.config).descriptor.digest,
      close: daemon.stop,
    }
  }
}

export async function podmanSite(): Promise<Site> {
  const podman = await startPodman()
  return {
    open: (options) => podmanDestination({ CONTAINER_HOST: podman.host }, options),
    ...readers(podman.run),
    expected: ({ platforms }) => platforms[0]!.config.descriptor.digest,
    close: podman.stop,
  }
}

function readers(
  run: (args: readonly string[]) => Promise<string>,
): Pick<Site, 'names' | 'digestOf' | 'others'> {
  const images = async (): Promise<string[]> => {
    const list = await run(['images', '--no-trunc', '--format', '{{.Repository}}:{{.Tag}} {{.ID}}'])
    return list.split('\n').filter((line) => line !== '')
  }
  const isNamed = (line: string) => !line.startsWith('<none>')
  return {
    async names() {
      const named = (await images()).filter(isNamed)
      return named.map((line) => formatReference(parseReference(line.split(' ')[0]!)))
    },
    async digestOf(name) {
      const id = await run(['image', 'inspect', '--format', '{{.Id}}', name])
      return id.startsWith('sha256:') ? id : `sha256:${id}`
    },
    others: async () => (await images()).filter((line) => !isNamed(line)),
  }
}
