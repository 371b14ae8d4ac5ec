/** The embedded registry, with its blobs pinned, as a site of the destination contract, read by skopeo. */
import { createHash } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { newTally } from '../../../src/base/index.ts'
import { newPin, shelfDestinations } from '../../../src/build/index.ts'
import { newShelf, startRegistryServer } from '../../../src/registry/index.ts'
import { openRegistryFolder } from '../../../src/store/index.ts'
import { skopeoManifest } from '../../support/skopeo.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import type { Site } from '../destination.ts'

export async function pinnedShelfSite(): Promise<Site> {
  const folder = await temporaryFolder()
  const store = await openRegistryFolder(folder.join('store'))
  const shelf = newShelf()
  const address = { host: '127.0.0.1', port: 0 }
  const { host, close } = await startRegistryServer({ address, store: shelf })
  const tally = newTally()
  const open = shelfDestinations({ shelf, host, pin: newPin(store, tally) })
  /** repositories that images were staged for: the registry has no list of them */
  const repositories = new Set<string>()
  return {
    prefix: `${host}/contract/`,
    async open(options) {
      const destination = open(options)
      return {
        ...destination,
        stage(image) {
          for (const { repository } of image.references) repositories.add(repository)
          return destination.stage(image)
        },
      }
    },
    async names() {
      const lists = await Promise.all(
        [...repositories].map(async (repository) => {
          const answer = await fetch(`http://${host}/v2/${repository}/tags/list`)
          const { tags = [] } = (await answer.json()) as { tags?: string[] }
          return tags.map((tag) => `${host}/${repository}:${tag}`)
        }),
      )
      return lists.flat()
    },
    async digestOf(name) {
      const manifest = await skopeoManifest(`docker://${name}`)
      return `sha256:${createHash('sha256').update(manifest).digest('hex')}`
    },
    expected: ({ top }) => top.descriptor.digest,
    others: () => readdir(folder.join('store'), { recursive: true }),
    async close() {
      await close()
      await store.close()
      await folder.remove()
    },
  }
}
