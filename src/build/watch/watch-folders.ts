/**
 * Told of what happens in a set of folders: by the system where it can, else by looking again and again. Folders that
 * are replaced, or that do not exist yet, are followed by what they are in.
 */
import { statSync, watch, type FSWatcher } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { decodePathname, fsPath, systemCode } from '../../base/index.ts'

export interface FolderWatch {
  /** Watches these folders from now on, and no others. */
  readonly arm: (folders: ReadonlySet<string>) => void
  /** folders that are looked at again and again, and why; none: the system tells */
  readonly polled: () => { readonly folders: ReadonlySet<string>; readonly reason: string | undefined }
  readonly close: () => void
}

export interface FolderWatchOptions {
  /** above it nothing is followed */
  readonly root: string
  /** something happened to a path, whatever it was */
  readonly onTouch: (path: string) => void
  /** time to look at what the system does not tell of */
  readonly onPoll: (folders: ReadonlySet<string>) => void
  /** do not ask the system at all */
  readonly isPolling?: boolean | undefined
  /** milliseconds between two looks, default 300 */
  readonly pollMs?: number | undefined
  /** default: that of Node.js */
  readonly watch?: typeof watch | undefined
}

interface Watched {
  readonly watcher: FSWatcher
  readonly identity: string
}

export function watchFolders(options: FolderWatchOptions): FolderWatch {
  const { root, onTouch, onPoll, isPolling = false, pollMs = 300 } = options
  const start = options.watch ?? watch
  const watched = new Map<string, Watched>()
  const polled = new Set<string>()
  let reason: string | undefined = isPolling ? 'asked to' : undefined
  let timer: NodeJS.Timeout | undefined

  const end = (folder: string): void => {
    watched.get(folder)?.watcher.close()
    watched.delete(folder)
  }
  /** True when the folder is watched or polled, false when it is not there. */
  const follow = (folder: string): boolean => {
    const identity = identityOf(folder)
    if (identity === undefined) {
      end(folder)
      return false
    }
    if (watched.get(folder)?.identity === identity) return true
    end(folder)
    if (isPolling) {
      polled.add(folder)
      return true
    }
    try {
      const watcher = start(fsPath(folder), { encoding: 'buffer', persistent: false }, (_, name) => {
        const entry = name === null ? '' : decodePathname(name)
        // What happens to the folder itself is told under its own name.
        if (entry === '' || entry === basename(folder)) onTouch(folder)
        if (entry !== '') onTouch(join(folder, entry))
      })
      watcher.on('error', () => {
        end(folder)
        onTouch(folder)
      })
      watched.set(folder, { watcher, identity })
    } catch (error) {
      const code = systemCode(error)
      if (code === undefined) throw error
      if (code === 'ENOENT' || code === 'ENOTDIR') return false
      reason ??= reasons[code] ?? code
      polled.add(folder)
    }
    return true
  }
  return {
    arm(folders) {
      const wanted = new Set<string>()
      for (const folder of folders) {
        let path = folder
        wanted.add(path)
        // Its own folder tells when it is replaced; further ones matter inside the project.
        for (
          let first = true;
          path !== dirname(path) && (first || path.startsWith(`${root}/`));
          first = false
        )
          wanted.add((path = dirname(path)))
      }
      for (const folder of watched.keys()) if (!wanted.has(folder)) end(folder)
      polled.clear()
      for (const folder of wanted) {
        let path = folder
        while (!follow(path) && path !== dirname(path)) path = dirname(path)
        if (polled.has(path)) polled.add(folder)
      }
      if (polled.size > 0) timer ??= setInterval(() => onPoll(polled), pollMs)
      else {
        clearInterval(timer)
        timer = undefined
      }
    },
    polled: () => ({ folders: polled, reason: polled.size > 0 ? reason : undefined }),
    close() {
      clearInterval(timer)
      for (const folder of watched.keys()) end(folder)
    },
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOSPC: 'the limit of watched folders is reached (fs.inotify.max_user_watches)',
  EMFILE: 'the limit of watchers is reached (fs.inotify.max_user_instances)',
}

function identityOf(folder: string): string | undefined {
  const stats = statSync(fsPath(folder), { bigint: true, throwIfNoEntry: false })
  return stats?.isDirectory() ? `${stats.dev} ${stats.ino}` : undefined
}
