/**
 * Tells when the files of `-c` may hold something else: by the system, and by a look every two seconds for what the
 * system does not tell of (bind mounts, network file systems). Links are followed: Kubernetes swaps the folder behind
 * `..data`, editors rename a new file over the old one.
 */
import { statSync, watch, type FSWatcher } from 'node:fs'
import { realpath, stat } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { systemCode } from '../../base/index.ts'
import { isPassedOver, listConfigFiles } from './config-files.ts'

export interface ConfigWatchOptions {
  readonly config: readonly string[]
  /** further files that count, such as certificates that objects name; asked anew after each change */
  readonly further?: () => readonly string[]
  /** something may have changed, and nothing happened since for `quietMs`; told again only for what happens later */
  readonly onChange: () => void
  /** milliseconds without an event; default 20 */
  readonly quietMs?: number
  /** milliseconds after which it is told although events go on; default 2,000 */
  readonly capMs?: number
  /** milliseconds between two looks; default 2,000 */
  readonly pollMs?: number
  /** default: that of Node.js */
  readonly watch?: typeof watch
}

export interface ConfigWatch {
  /** Resolves when folders are watched. */
  readonly ready: Promise<void>
  readonly close: () => void
}

/** What counts of a path that is watched: some names in a folder, all of them, or the file itself. */
type Counted = ReadonlySet<string> | 'folder' | 'file'

/** More files are not watched one by one: systems limit how many watches a user may have. */
const fileLimit = 1000

export function watchConfig(options: ConfigWatchOptions): ConfigWatch {
  const { onChange, quietMs = 20, capMs = 2000, pollMs = 2000 } = options
  const watchers = new Map<string, { readonly watcher: FSWatcher; readonly identity: string }>()
  let wanted = new Map<string, Counted>()
  let [first, timer]: [number, NodeJS.Timeout | undefined] = [0, undefined]
  let isClosed = false
  let known = ''

  const touch = (): void => {
    const now = Date.now()
    if (timer === undefined) first = now
    clearTimeout(timer)
    const wait = Math.max(0, Math.min(quietMs, first + capMs - now))
    timer = setTimeout(() => {
      timer = undefined
      void look().then(onChange)
    }, wait)
  }
  const onEvent = (path: string, name: string | null): void => {
    const counted = wanted.get(path)
    if (counted === undefined) return
    if (name !== null && typeof counted !== 'string' && !counted.has(name)) return
    if (name !== null && counted === 'folder' && isPassedOver(name) && !name.startsWith('..')) return
    touch()
  }
  /** Sees what there is now and watches it. */
  const look = async (): Promise<boolean> => {
    const scene = await describeConfig(options)
    if (isClosed) return false
    wanted = scene.watched
    for (const [folder, { watcher, identity }] of watchers)
      if (!wanted.has(folder) || identityOf(folder) !== identity) {
        watcher.close()
        watchers.delete(folder)
      }
    for (const folder of wanted.keys()) if (!watchers.has(folder)) follow(folder)
    const isChanged = scene.fingerprint !== known
    known = scene.fingerprint
    return isChanged
  }
  const follow = (folder: string): void => {
    try {
      const watcher = (options.watch ?? watch)(folder, (_, name) => onEvent(folder, name))
      const end = () => {
        watcher.close()
        if (watchers.get(folder)?.watcher === watcher) watchers.delete(folder)
      }
      watcher.on('error', end)
      watchers.set(folder, { watcher, identity: identityOf(folder) })
    } catch (error) {
      // What the system cannot watch is looked at every two seconds.
      if (systemCode(error) === undefined) throw error
    }
  }
  const poll = setInterval(() => {
    void look().then((isChanged) => {
      if (isChanged && timer === undefined) touch()
    })
  }, pollMs)
  poll.unref()
  return {
    ready: look().then(() => undefined),
    close() {
      isClosed = true
      clearInterval(poll)
      clearTimeout(timer)
      for (const { watcher } of watchers.values()) watcher.close()
      watchers.clear()
    },
  }
}

interface Scene {
  readonly watched: Map<string, Counted>
  /** other text when a file is another one, or has another size or time */
  readonly fingerprint: string
}

async function describeConfig({ config, further = () => [] }: ConfigWatchOptions): Promise<Scene> {
  const watched = new Map<string, Counted>()
  const add = (folder: string, name: string): void => {
    const counted = watched.get(folder)
    const others = typeof counted === 'object' ? counted : []
    if (counted !== 'folder') watched.set(folder, new Set([...others, name]))
  }
  const lines: string[] = []
  const paths = config.filter((path) => path !== '-')
  for (const path of paths) add(dirname(path), basename(path))
  const files = await listConfigFiles(paths, {
    onFolder: (folder) => void watched.set(folder, 'folder'),
  }).catch(() => [])
  for (const path of [...files, ...further()]) {
    try {
      const [real, { size, mtimeNs, ino, dev }] = await Promise.all([
        realpath(path),
        stat(path, { bigint: true }),
      ])
      add(dirname(path), basename(path))
      add(dirname(real), basename(real))
      // A file that is mounted by itself is changed where its folder does not see it.
      if (lines.length < fileLimit) watched.set(path, 'file')
      lines.push([path, real, dev, ino, size, mtimeNs].join(' '))
    } catch {
      lines.push(`${path} gone`)
    }
  }
  return { watched, fingerprint: lines.join('\n') }
}

/** Another text when another folder or file has the path. */
function identityOf(path: string): string {
  try {
    const { dev, ino } = statSync(path, { bigint: true })
    return `${dev} ${ino}`
  } catch {
    return ''
  }
}
