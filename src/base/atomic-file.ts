/** Files that are complete or absent: written beside their place under another name, then renamed. */
import { randomBytes } from 'node:crypto'
import { mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Failure, systemCode } from './failure.ts'
import { fileFailure } from './file-failure.ts'
import type { Waiting } from './limit.ts'

export interface AtomicWriteOptions {
  /** permission bits before the umask, default 0666 */
  readonly mode?: number
}

/** @throws Failure NO_SPACE | FILE_SYSTEM; the file is then as it was before */
export async function writeFileAtomically(
  path: string,
  bytes: Uint8Array | string,
  { mode = 0o666 }: AtomicWriteOptions = {},
): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`
  try {
    await mkdir(dirname(path), { recursive: true })
    await writeFile(temporary, bytes, { mode })
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined)
    throw fileFailure('write', path, error)
  }
}

const lockPatienceMs = 30_000

/**
 * Runs work while holding `path` as a lock file, so that two processes do not change one thing at once.
 * A lock whose process is gone is taken over.
 * @throws Failure FILE_SYSTEM when another process holds it for 30 s
 */
export async function withLockFile<T>(
  path: string,
  work: () => Promise<T>,
  { signal }: Waiting = {},
): Promise<T> {
  const deadline = Date.now() + lockPatienceMs
  while (!(await tryLock(path))) {
    if (Date.now() > deadline) {
      throw new Failure('FILE_SYSTEM', `cannot lock ${path}: another process holds it`, {
        hint: `if no other slipway runs, remove ${path}`,
      })
    }
    await sleep(20, undefined, { ...(signal && { signal }) })
  }
  try {
    return await work()
  } finally {
    await rm(path, { force: true })
  }
}

async function tryLock(path: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx')
    try {
      await file.writeFile(String(process.pid))
    } catch (error) {
      // A full disk takes the name of a file but not what is in it.
      await rm(path, { force: true })
      throw error
    } finally {
      await file.close()
    }
    return true
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw fileFailure('lock', path, error)
    await removeAbandoned(path)
    return false
  }
}

async function removeAbandoned(path: string): Promise<void> {
  try {
    const owner = Number(await readFile(path, 'utf8'))
    const isYoung = Date.now() - (await stat(path)).mtimeMs < 1000
    // a lock that was made a moment ago may not have its process id written yet
    if ((owner === 0 && isYoung) || (owner > 0 && isRunning(owner))) return
    await rm(path, { force: true })
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw fileFailure('lock', path, error)
  }
}

/** Whether a process of this machine has this id. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return systemCode(error) === 'EPERM'
  }
}
