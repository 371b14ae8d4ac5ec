/**
 * The changes of one repository, kept between runs in a folder of its own: a log of changes, each line a change with all of
 * its events, a later line in the place of an earlier one; and `cursor.json`, which is written last, by a rename, and says
 * which log is meant, how long it is at least, and how far the walk over the server's list has come. A log that is
 * shorter than the cursor says, or a cursor that cannot be read, makes the next walk a whole one.
 */
import { open, mkdir, readFile, rm, readdir, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { fileFailure, systemCode, withLockFile, writeFileAtomically, type Waiting } from '../../base/index.ts'
import type { ApprovalEvent } from '../event.ts'

/** A change with everything that was said of it. */
export interface StoredChange {
  readonly change: string
  readonly events: readonly ApprovalEvent[]
}

export interface Cursor {
  /** what the repository is called now */
  readonly repo: string
  /** changes that were touched later than this are not here, ISO 8601; nothing before the first whole walk */
  readonly updated?: string | undefined
  /** the walk did not go further back than this, ISO 8601 */
  readonly since?: string | undefined
  /** a walk that has not come to its end: where it stands, and what `updated` will be after it */
  readonly walk?: { readonly after: string; readonly newest: string } | undefined
}

export interface ChangeStore {
  readonly cursor: Cursor | undefined
  readonly changes: () => StoredChange[]
  /** Puts changes into the log; a dismissed review keeps what it was before. */
  readonly put: (changes: readonly StoredChange[]) => Promise<void>
  /** All that was put lasts from now on, and the walk is here. */
  readonly mark: (cursor: Cursor) => Promise<void>
  /** The walk is over: the log becomes one line per change, in the order of their names. */
  readonly finish: (cursor: Cursor) => Promise<void>
}

interface Mark extends Cursor {
  readonly version: 1
  readonly log: string
  readonly bytes: number
}

/** Works with a store that no other process works with. A folder of nothing keeps everything in memory. */
export async function withChangeStore<T>(
  folder: string | undefined,
  work: (store: ChangeStore) => Promise<T>,
  waiting: Waiting = {},
): Promise<T> {
  if (folder === undefined) return work(memoryStore())
  await mkdir(folder, { recursive: true }).catch((error: unknown) => {
    throw fileFailure('make', folder, error)
  })
  return withLockFile(
    join(folder, 'lock'),
    async () => {
      const store = await openStore(folder)
      try {
        return await work(store)
      } finally {
        await store.close()
      }
    },
    waiting,
  )
}

function memoryStore(): ChangeStore {
  const changes = newChanges()
  return {
    cursor: undefined,
    changes: () => changes.sorted(),
    put: async (list) => void list.map((change) => changes.merge(change)),
    mark: async () => undefined,
    finish: async () => undefined,
  }
}

async function openStore(folder: string): Promise<ChangeStore & { close: () => Promise<void> }> {
  const mark = await readMark(folder)
  const changes = newChanges()
  let name = mark?.log ?? 'changes-1.ndjson'
  const { whole, isDamaged } = await readLog(join(folder, name), mark?.bytes ?? 0, changes)
  let bytes = whole
  let file: FileHandle | undefined
  const append = async (text: string): Promise<void> => {
    const path = join(folder, name)
    try {
      if (!file) {
        file = await open(path, 'a')
        // What was cut in the middle of a line goes, or the next line would be one with it.
        await file.truncate(bytes)
      }
      const data = Buffer.from(text)
      await file.appendFile(data)
      bytes += data.length
    } catch (error) {
      throw fileFailure('write', path, error)
    }
  }
  const close = async (): Promise<void> => {
    await file?.close()
    file = undefined
  }
  const save = async (cursor: Cursor): Promise<void> => {
    await file?.datasync()
    const next: Mark = { version: 1, ...cursor, log: name, bytes }
    await writeFileAtomically(join(folder, 'cursor.json'), `${JSON.stringify(next, undefined, 2)}\n`)
  }
  return {
    cursor: isDamaged ? undefined : mark,
    changes: () => changes.sorted(),
    async put(list) {
      await append(list.map((change) => `${JSON.stringify(changes.merge(change))}\n`).join(''))
    },
    mark: save,
    async finish(cursor) {
      await close()
      const before = name
      name = `changes-${Number(/\d+/.exec(before)?.[0] ?? 1) + 1}.ndjson`
      const text = changes
        .sorted()
        .map((change) => `${JSON.stringify(change)}\n`)
        .join('')
      await writeFileAtomically(join(folder, name), text)
      bytes = Buffer.byteLength(text)
      await save(cursor)
      await removeOthers(folder, name)
    },
    close,
  }
}

async function readMark(folder: string): Promise<Mark | undefined> {
  try {
    const mark = JSON.parse(await readFile(join(folder, 'cursor.json'), 'utf8')) as Mark
    const isMark =
      mark.version === 1 && /^changes-\d+\.ndjson$/.test(mark.log) && Number.isSafeInteger(mark.bytes)
    return isMark ? mark : undefined
  } catch (error) {
    if (error instanceof SyntaxError || systemCode(error) === 'ENOENT') return undefined
    throw fileFailure('read', join(folder, 'cursor.json'), error)
  }
}

/** Reads whole lines. The log of a cursor that is lost is read as well: it knows what dismissed reviews were before. */
async function readLog(
  path: string,
  least: number,
  changes: Changes,
): Promise<{ whole: number; isDamaged: boolean }> {
  let data: Buffer
  try {
    data = await readFile(path)
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return { whole: 0, isDamaged: least > 0 }
    throw fileFailure('read', path, error)
  }
  let whole = 0
  for (let end = data.indexOf(10); end >= 0; end = data.indexOf(10, whole)) {
    try {
      changes.merge(JSON.parse(data.toString('utf8', whole, end)) as StoredChange)
    } catch {
      return { whole, isDamaged: true }
    }
    whole = end + 1
  }
  return { whole, isDamaged: whole < least }
}

async function removeOthers(folder: string, kept: string): Promise<void> {
  for (const name of await readdir(folder))
    if (name !== kept && /^changes-\d+\.ndjson/.test(name)) await rm(join(folder, name), { force: true })
}

interface Changes {
  /** Puts a change in the place of what it was, and returns it with what its dismissed reviews were before. */
  readonly merge: (change: StoredChange) => StoredChange
  readonly sorted: () => StoredChange[]
}

function newChanges(): Changes {
  const byName = new Map<string, StoredChange>()
  return {
    merge(next) {
      const before = new Map(byName.get(next.change)?.events.map((event) => [event.review, event] as const))
      const events = next.events.map((event) => {
        const old = before.get(event.review)
        if (event.state !== 'dismissed' || event.was !== undefined || !old) return event
        const was = old.state === 'dismissed' ? old.was : old.state
        return was === undefined ? event : { ...event, was }
      })
      const merged = { change: next.change, events }
      byName.set(next.change, merged)
      return merged
    },
    sorted: () => [...byName.values()].toSorted((a, b) => compareNames(a.change, b.change)),
  }
}

/** `#2` before `#10`. */
function compareNames(a: string, b: string): number {
  const [one, other] = [a, b].map((name) => Number(name.replace(/^\D+/, '')))
  return one! - other! || (a < b ? -1 : a > b ? 1 : 0)
}
