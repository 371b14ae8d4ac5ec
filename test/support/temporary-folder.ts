/** Temporary folders of tests: short paths (a Unix socket's path must fit in 107 bytes), removed when disposed. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface TemporaryFolder extends AsyncDisposable {
  /** absolute */
  readonly path: string
  /** absolute path of something in the folder */
  readonly join: (...names: string[]) => string
  readonly remove: () => Promise<void>
}

/** Makes an empty folder of mode 0700. Use it as `await using folder = await temporaryFolder()`. */
export async function temporaryFolder(): Promise<TemporaryFolder> {
  const path = await mkdtemp(join(tmpdir(), 'slip-'))
  const remove = () => rm(path, { recursive: true, force: true, maxRetries: 3 })
  return { path, join: (...names) => join(path, ...names), remove, [Symbol.asyncDispose]: remove }
}
