/**
 * Who uses the cache now. A run that may hold paths of files in the cache says so with a file of its own in `in-use/`;
 * whoever removes such files first puts up a sign, then looks who is there. A run first says that it is there, then
 * looks for the sign, so one of the two always sees the other.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { readdir, rm, stat } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { isRunning, withLockFile, type Waiting } from '../../base/index.ts'
import { cacheUseFolder } from './places.ts'

const signName = 'removing'
const prunedName = 'pruned'
/** How long a run of another machine or container, which cannot be seen, is believed to go on. */
const unseenRunMs = 6 * 3_600_000
/** A sign is believed this long when its process cannot be seen: it was killed, or is of another container. */
const unseenSignMs = 5000

let uses = 0

/**
 * Says that this process uses the cache, until it is released. Waits while something is removed from it. A cache that
 * cannot be written is used without a word.
 */
export async function useCache(cache: string, { signal }: Waiting = {}): Promise<{ release: () => void }> {
  const folder = join(cache, cacheUseFolder)
  const mine = join(folder, `${process.pid}-${uses++}-${encodeURIComponent(hostname())}`)
  const release = (): void => rmSync(mine, { force: true })
  try {
    mkdirSync(folder, { recursive: true })
    writeFileSync(mine, '')
  } catch {
    return { release: () => undefined }
  }
  try {
    const sign = join(folder, signName)
    while (existsSync(sign) && isMeant(sign)) await sleep(20, undefined, { ...(signal && { signal }) })
  } catch (error) {
    release()
    throw error
  }
  return { release }
}

/** Works while no run can start; is told which processes run. @throws Failure FILE_SYSTEM */
export async function whileRemoving<T>(
  cache: string,
  work: (running: readonly string[]) => Promise<T>,
  options: Waiting = {},
): Promise<T> {
  const folder = join(cache, cacheUseFolder)
  mkdirSync(folder, { recursive: true })
  return withLockFile(
    join(folder, signName),
    async () => {
      const result = await work(await runningIn(folder))
      writeFileSync(join(folder, prunedName), '')
      return result
    },
    options,
  )
}

/** When something was last removed from the cache, RFC 3339; nothing when nothing was. */
export function prunedAt(cache: string): string | undefined {
  return statSync(join(cache, cacheUseFolder, prunedName), { throwIfNoEntry: false })?.mtime.toISOString()
}

function isMeant(sign: string): boolean {
  try {
    return isRunning(Number(readFileSync(sign, 'utf8'))) || Date.now() - statSync(sign).mtimeMs < unseenSignMs
  } catch {
    // it is gone
    return false
  }
}

async function runningIn(folder: string): Promise<string[]> {
  const running: string[] = []
  const here = encodeURIComponent(hostname())
  for (const name of await readdir(folder)) {
    const [, pid, , host] = /^(\d+)-(\d+)-(.*)$/.exec(name) ?? []
    if (pid === undefined) continue
    const path = join(folder, name)
    const age = Date.now() - ((await stat(path).catch(() => undefined))?.mtimeMs ?? 0)
    const isThere = host === here ? isRunning(Number(pid)) : age < unseenRunMs
    if (isThere) running.push(host === here ? `process ${pid}` : `process ${pid} of ${host}`)
    else await rm(path, { force: true })
  }
  return running
}
