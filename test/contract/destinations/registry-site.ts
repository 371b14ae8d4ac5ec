/** A registry as a site of the destination contract, read by skopeo. */
import { createHash } from 'node:crypto'
import { registryDestination } from '../../../src/build/index.ts'
import { openRegistry, type Registry } from '../../../src/registry/index.ts'
import { startDockerRegistry } from '../../support/docker-registry.ts'
import { skopeoManifest } from '../../support/skopeo.ts'
import type { Site } from '../destination.ts'

export async function registrySite(): Promise<Site> {
  const registry = await startDockerRegistry()
  const clients: Registry[] = []
  const list = async <T>(path: string): Promise<T> =>
    (await (await fetch(`http://${registry.host}/v2/${path}`)).json()) as T
  return {
    prefix: `${registry.host}/contract/`,
    async open(options) {
      const client = openRegistry(registry.host, options)
      clients.push(client)
      return registryDestination({ ...options, registry: () => client })
    },
    async names() {
      const { repositories } = await list<{ repositories: string[] }>('_catalog')
      const tagged = await Promise.all(
        repositories.map(async (repository) => {
          const { tags } = await list<{ tags?: string[] | null }>(`${repository}/tags/list`)
          return (tags ?? []).map((tag) => `${registry.host}/${repository}:${tag}`)
        }),
      )
      return tagged.flat()
    },
    async digestOf(name) {
      const manifest = await skopeoManifest(`docker://${name}`)
      return `sha256:${createHash('sha256').update(manifest).digest('hex')}`
    },
    expected: ({ top }) => top.descriptor.digest,
    others: async () => [],
    async close() {
      await Promise.all(clients.map((client) => client.close()))
      await registry.stop()
    },
  }
}
