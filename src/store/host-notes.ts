/** One small JSON document for each host, kept between runs: `<folder>/<host>.json`. Disposable like all of the cache. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { writeFileAtomically } from '../base/index.ts'

export interface HostNotes {
  /** What was written last; nothing when there is nothing, or nothing that is JSON. */
  readonly read: (host: string) => Promise<unknown>
  /** Replaces the document. A note that cannot be written is not worth failing for, and is lost. */
  readonly write: (host: string, document: object) => Promise<void>
}

export function openHostNotes(folder: string): HostNotes {
  const pathOf = (host: string) => join(folder, `${encodeURIComponent(host)}.json`)
  return {
    async read(host) {
      try {
        return JSON.parse(await readFile(pathOf(host), 'utf8')) as unknown
      } catch {
        return undefined
      }
    },
    async write(host, document) {
      try {
        await writeFileAtomically(pathOf(host), `${JSON.stringify(document)}\n`)
      } catch {
        // A full disk or a folder that nobody may write to: the next run learns again.
      }
    },
  }
}
