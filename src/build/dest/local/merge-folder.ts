/** Moves a folder's content into another one, as buildx does: what has the same name is replaced, the rest stays. */
import type { Stats } from 'node:fs'
import { chmod, lchown, lstat, readdir, rename, rm, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { decodePathname, fileFailure, fsPath, systemCode } from '../../../base/index.ts'

/** Both are on one file system. Links in `to` are replaced, not followed. @throws Failure FILE_SYSTEM */
export async function mergeFolder(from: string, to: string): Promise<void> {
  for (const name of await namesIn(from)) {
    const target = join(to, name)
    try {
      await moveEntry(join(from, name), target)
    } catch (error) {
      throw fileFailure('write', target, error)
    }
  }
}

/** Removes a folder whatever the modes of what is in it. */
export async function removeFolder(path: string): Promise<void> {
  const stats = await statsOf(path)
  if (!stats) return
  await openUp(path)
  await rm(fsPath(path), { recursive: true, force: true })
}

async function moveEntry(source: string, target: string): Promise<void> {
  const moved = await lstat(fsPath(source))
  const found = await statsOf(target)
  if (!moved.isDirectory()) {
    if (found?.isDirectory()) await removeFolder(target)
    await rename(fsPath(source), fsPath(target))
    return
  }
  // A directory changes when it moves, so it has to be writable.
  await chmod(fsPath(source), 0o700)
  if (found?.isDirectory()) {
    await mergeFolder(source, target)
    if (process.getuid?.() === 0) await lchown(fsPath(target), moved.uid, moved.gid)
  } else {
    if (found) await rm(fsPath(target))
    await rename(fsPath(source), fsPath(target))
  }
  await chmod(fsPath(target), moved.mode & 0o7777)
  await utimes(fsPath(target), moved.atime, moved.mtime)
}

async function openUp(directory: string): Promise<void> {
  await chmod(fsPath(directory), 0o700)
  for (const name of await namesIn(directory)) {
    const path = join(directory, name)
    if ((await lstat(fsPath(path))).isDirectory()) await openUp(path)
  }
}

async function namesIn(directory: string): Promise<string[]> {
  const names = await readdir(fsPath(directory), { encoding: 'buffer' })
  return names.map((name) => decodePathname(name))
}

async function statsOf(path: string): Promise<Stats | undefined> {
  try {
    return await lstat(fsPath(path))
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined
    throw error
  }
}
