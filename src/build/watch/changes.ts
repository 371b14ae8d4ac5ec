/** Waits for changes of what builds looked at, and tells of each when files are whole. */
import { setTimeout as delay } from 'node:timers/promises'
import type { Waiting } from '../../base/index.ts'
import type { Emit } from '../events.ts'
import { settle } from './settle.ts'
import { watchFolders } from './watch-folders.ts'
import { newWatchIndex, fileState, type Change, type WatchIndex } from './watch-index.ts'

export interface Changes {
  readonly index: WatchIndex
  /** Watches what is in the index now. */
  readonly arm: () => void
  /** The next change, once files have stayed as they are for a moment. @throws the reason of the abort */
  readonly next: () => Promise<Change>
  /** What has changed until now is nobody's concern. */
  readonly forget: () => Promise<void>
  /** paths that something happened to since the last change */
  readonly touched: () => readonly string[]
  /** when something happened last, in milliseconds since the epoch */
  readonly lastEventMs: () => number
  /** how much is watched */
  readonly size: () => { readonly files: number; readonly folders: number }
  readonly close: () => void
}

export interface ChangesOptions extends Waiting {
  /** above it nothing is followed */
  readonly root: string
  /** told at once, and perhaps many times, when something is not as a build saw it */
  readonly onChange: () => void
  readonly emit: Emit
  /** look again and again instead of asking the system; default false */
  readonly isPolling?: boolean | undefined
}

/**
 * How long files must stay as they are before they are read. A little more than a tick of the clock of file systems, so
 * that what is learned of them can be remembered (build/racy.ts).
 */
const quietMs = 22
/**
 * Programs remove or empty a file, think, and write it: how long they may take before it is believed that this is all.
 */
const unfinishedMs = 300
/** What is written for longer than this is told of. */
const longMs = 5000

export function openChanges({ root, onChange, emit, isPolling, signal }: ChangesOptions): Changes {
  const index = newWatchIndex()
  const touched = new Set<string>()
  let count = 0
  let lastEventMs = 0
  let wake = (): void => undefined
  let isTold = isPolling === true

  const onTouch = (path: string): void => {
    if (!index.concerns(path)) return
    touched.add(path)
    count++
    lastEventMs = Date.now()
    wake()
    if (index.isChanged(path)) onChange()
  }
  const folders = watchFolders({
    root,
    isPolling,
    onTouch,
    onPoll: (polled) => index.changedIn(polled).forEach(onTouch),
  })
  const stop = (): void => wake()
  // Watching is what the process is there for, also while there is nothing that could be watched.
  const living = setInterval(() => undefined, 2 ** 30)
  signal?.addEventListener('abort', stop)

  const arm = (): void => {
    folders.arm(index.folders())
    const { folders: polled, reason } = folders.polled()
    if (isTold || reason === undefined) return
    isTold = true
    emit({
      kind: 'warning',
      message: `${polled.size} folders cannot be watched: ${reason}`,
      hint: 'they are looked at three times a second instead',
    })
  }
  const take = (): Change => {
    const change = index.take(touched)
    touched.clear()
    return change
  }
  const touch = (): Promise<void> =>
    new Promise((resolve) => {
      wake = resolve
      if (signal?.aborted || touched.size > 0) resolve()
    })
  return {
    index,
    arm,
    async next() {
      let change = take()
      let patienceMs = unfinishedMs
      for (;;) {
        if (change.paths.length === 0) await touch()
        signal?.throwIfAborted()
        const paths = () => [...new Set([...change.paths, ...touched])].toSorted()
        await settle({
          signal,
          quietMs,
          longMs,
          events: () => count,
          look: () => JSON.stringify(paths().map(fileState)),
          onLong: () => emit({ kind: 'watch-waiting', changed: paths() }),
        })
        change = joined(change, take())
        arm()
        if (change.paths.length === 0) continue
        if (patienceMs <= 0 || !change.paths.some(isUnfinished)) return change
        const started = Date.now()
        await Promise.race([touch(), delay(patienceMs)])
        patienceMs -= Date.now() - started
      }
    },
    async forget() {
      await delay(quietMs)
      take()
    },
    touched: () => [...touched].toSorted(),
    lastEventMs: () => lastEventMs,
    size: () => ({ files: index.size(), folders: index.folders().size }),
    close() {
      signal?.removeEventListener('abort', stop)
      clearInterval(living)
      folders.close()
    },
  }
}

function joined(a: Change, b: Change): Change {
  return {
    paths: [...new Set([...a.paths, ...b.paths])].toSorted(),
    owners: new Set([...a.owners, ...b.owners]),
  }
}

function isUnfinished(path: string): boolean {
  return (fileState(path)?.size ?? 0) === 0
}
