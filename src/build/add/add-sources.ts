/** Where ADD gets what is no file of the context: downloads, git repositories, the content of archives. */
import { once, type Place, type Waiting } from '../../base/index.ts'
import { openHttpClient, type HttpClient } from '../../http/index.ts'
import type { Tree } from '../tree.ts'
import { newArchives, type Archives } from './archives.ts'
import { download, type Downloaded } from './download.ts'
import { checkOut } from './git-checkout.ts'
import type { GitReference } from './git-reference.ts'

export interface AddSources {
  readonly archives: Archives
  /**
   * A file by its address, at most once per run.
   * @param checksum `sha256:…` that it must have
   * @throws Failure DOWNLOAD_FAILED | CONTENT_MISMATCH | NO_SPACE | FILE_SYSTEM
   */
  download(url: string, checksum: string | undefined, at: Place): Promise<Downloaded>
  /** The files of a git repository. @throws Failure DOWNLOAD_FAILED | CONTENT_MISMATCH | SOURCE_NOT_FOUND */
  checkOut(reference: GitReference, keepGitDir: boolean, at: Place): Promise<Tree>
  /** ends its sockets */
  close(): void
}

export interface AddSourcesOptions extends Waiting {
  /** cache folder */
  readonly cache: string
}

export function newAddSources({ cache, signal }: AddSourcesOptions): AddSources {
  const downloads = once<string, Downloaded>()
  const checkouts = once<string, Tree>()
  let client: HttpClient | undefined
  return {
    archives: newArchives({ cache, signal }),
    download: (url, checksum, at) =>
      downloads(`${checksum} ${url}`, () => {
        client ??= openHttpClient()
        return download(url, { client, cache, checksum, at, signal })
      }),
    checkOut: (reference, keepGitDir, at) =>
      checkouts(JSON.stringify([reference, keepGitDir]), () =>
        checkOut(reference, { cache, keepGitDir, at, signal }),
      ),
    close: () => client?.close(),
  }
}
