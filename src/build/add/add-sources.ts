/**
 * Where ADD gets what is no plain file of the context: downloads, git repositories, the content of archives. The code
 * for each is loaded when it is asked for the first time.
 */
import { once, type Place, type Waiting } from '../../base/index.ts'
import { openHttpClient, type HttpClient } from '../../http/index.ts'
import type { FileSource } from '../../layer/index.ts'
import type { Archive } from '../copy/extract.ts'
import type { Archives } from './archives.ts'
import type { Downloaded } from './download.ts'
import type { Checkout } from './git-checkout.ts'
import type { GitReference } from './git-reference.ts'

export interface AddSources {
  /**
   * A file unpacked; nothing for a file that is no archive.
   * @param description of the file, for messages
   * @throws Failure ARCHIVE_INVALID | SOURCE_UNSUPPORTED | SOURCE_CHANGED | NO_SPACE | FILE_SYSTEM
   */
  openArchive(source: FileSource, description: string): Promise<Archive | undefined>
  /**
   * A file by its address, at most once per run.
   * @param checksum `sha256:…` that it must have
   * @throws Failure DOWNLOAD_FAILED | CONTENT_MISMATCH | NO_SPACE | FILE_SYSTEM
   */
  download(url: string, checksum: string | undefined, at: Place): Promise<Downloaded>
  /** The files of a git repository. @throws Failure DOWNLOAD_FAILED | CONTENT_MISMATCH | SOURCE_NOT_FOUND */
  checkOut(reference: GitReference, keepGitDir: boolean, at: Place): Promise<Checkout>
  /** ends its sockets */
  close(): void
}

export interface AddSourcesOptions extends Waiting {
  /** cache folder */
  readonly cache: string
}

export function newAddSources({ cache, signal }: AddSourcesOptions): AddSources {
  const downloads = once<string, Downloaded>()
  const checkouts = once<string, Checkout>()
  const archives = once<'archives', Archives>()
  let client: HttpClient | undefined
  return {
    async openArchive(source, description) {
      const opened = await archives('archives', async () => {
        const { newArchives } = await import('./archives.ts')
        return newArchives({ cache, signal })
      })
      return opened.open(source, description)
    },
    download: (url, checksum, at) =>
      downloads(`${checksum} ${url}`, async () => {
        const { download } = await import('./download.ts')
        client ??= openHttpClient()
        return download(url, { client, cache, checksum, at, signal })
      }),
    checkOut: (reference, keepGitDir, at) =>
      checkouts(JSON.stringify([reference, keepGitDir]), async () => {
        const { checkOut } = await import('./git-checkout.ts')
        return checkOut(reference, { cache, keepGitDir, at, signal })
      }),
    close: () => client?.close(),
  }
}
