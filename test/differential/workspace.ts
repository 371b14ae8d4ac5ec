/** What all builders of a run share: a registry with the test's base images and a web server, both in this process. */
import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { startFaultRegistry } from '../support/fault-registry.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { publishBases } from './base-images.ts'
import { bases } from './bases.ts'
import type { Case } from './case.ts'
import { writeFiles } from './file-table.ts'
import { webFiles } from './web-files.ts'

/** The name that Dockerfiles of cases call the registry; where it really is changes with every run. */
export const basesHost = 'bases.test'

export interface Workspace extends AsyncDisposable {
  /** `127.0.0.1:port` of the registry */
  readonly registry: string
  readonly path: string
  /** A case written to disk, in a folder of its own. */
  readonly prepare: (item: Case) => Promise<PreparedCase>
}

export interface PreparedCase {
  readonly item: Case
  /** folder for whatever builders write */
  readonly folder: string
  readonly context: string
  /** path of the Dockerfile */
  readonly dockerfile: string
  readonly args: Readonly<Record<string, string>>
  /** named contexts: absolute folders, or references */
  readonly contexts: Readonly<Record<string, string>>
}

export async function openWorkspace(): Promise<Workspace> {
  const folder = await temporaryFolder()
  const registry = await startFaultRegistry()
  await publishBases(registry, bases)
  const web = createServer((request, response) => {
    const file = webFiles[request.url ?? '']
    response.writeHead(file ? 200 : 404, file?.headers)
    response.end(file?.content)
  }).listen(0, '127.0.0.1')
  await once(web, 'listening')
  const address = `http://127.0.0.1:${(web.address() as AddressInfo).port}`
  let prepared = 0
  return {
    registry: registry.host,
    path: folder.path,
    async prepare(item) {
      const own = folder.join(String(++prepared))
      const context = join(own, 'context')
      await mkdir(own)
      await writeFiles(context, item.context ?? {})
      const dockerfileFolder = item.isInContext ? context : join(own, 'dockerfile')
      await mkdir(dockerfileFolder, { recursive: true })
      const dockerfile = join(dockerfileFolder, 'Dockerfile')
      await writeFile(dockerfile, item.dockerfile)
      if (item.ownIgnore !== undefined) await writeFile(`${dockerfile}.dockerignore`, item.ownIgnore)
      const contexts: Record<string, string> = {}
      for (const [name, value] of Object.entries(item.contexts ?? {})) {
        contexts[name] = typeof value === 'string' ? value : join(own, `context-${name}`)
        if (typeof value !== 'string') await writeFiles(contexts[name]!, value)
      }
      const args = Object.fromEntries(
        Object.entries(item.args ?? {}).map(([key, value]) => [key, value.replaceAll('{web}', address)]),
      )
      return { item, folder: own, context, dockerfile, args, contexts }
    },
    async [Symbol.asyncDispose]() {
      web.closeAllConnections()
      web.close()
      await registry.stop()
      await folder.remove()
    },
  }
}
