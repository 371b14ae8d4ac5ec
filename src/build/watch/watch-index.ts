/**
 * What the builds of a plan looked at, path by path: tells which images a change touches, and what is no change. A path
 * has changed when looking at it again shows something else than the last look did.
 */
import { lstatSync } from 'node:fs'
import { dirname } from 'node:path'
import { fsPath } from '../../base/index.ts'
import { exists, nothing } from '../context/observation.ts'
import { looks } from '../memo/look-again.ts'
import type { SeenInputs } from '../memo/inputs.ts'

/** Who depends on a path: an image in a variant, or the plan itself. */
export type Owner = string

export const planOwner: Owner = ' plan'

export interface Change {
  /** paths that are not as they were, sorted */
  readonly paths: readonly string[]
  readonly owners: ReadonlySet<Owner>
}

export interface WatchIndex {
  /** What one build of an owner saw; replaces what it saw before. */
  readonly note: (owner: Owner, build: string, seen: SeenInputs) => void
  /** Files that an owner needs whatever its build may see. Those that are new here are looked at now. */
  readonly declare: (owner: Owner, files: readonly string[]) => void
  /** folders whose entries decide whether something changed */
  readonly folders: () => ReadonlySet<string>
  /** number of paths */
  readonly size: () => number
  /** Whether an event at a path can mean a change. */
  readonly concerns: (path: string) => boolean
  /** Whether something at or below a path is not as it was. */
  readonly isChanged: (path: string) => boolean
  /** Paths in these folders that are not as they were. */
  readonly changedIn: (folders: ReadonlySet<string>) => readonly string[]
  /** What changed at or below the paths and where builds looked since the last call; from now on that is how it was. */
  readonly take: (paths: Iterable<string>) => Change
}

type Kind = keyof SeenInputs
type Key = `${Kind} ${string}`

interface Entry {
  readonly kind: Kind
  readonly path: string
  observation: string
  readonly owners: Set<Owner>
}

export function newWatchIndex(): WatchIndex {
  const builds = new Map<Owner, Map<string, SeenInputs>>()
  const declared = new Map<Owner, readonly string[]>()
  const entries = new Map<Key, Entry>()
  const folders = new Set<string>()
  /** folders and all that they are in */
  const ancestors = new Set<string>()
  const unproven = new Set<Entry>()

  const own = (owner: Owner, kind: Kind, path: string, observation: string | undefined): void => {
    const key: Key = `${kind} ${path}`
    const known = entries.get(key)
    if (known) {
      known.owners.add(owner)
      if (observation === undefined || observation === known.observation) return
      if (observation === exists && known.observation !== nothing) return
      known.observation = observation
      unproven.add(known)
      return
    }
    const entry: Entry = {
      kind,
      path,
      observation: observation ?? now(kind, path),
      owners: new Set([owner]),
    }
    entries.set(key, entry)
    unproven.add(entry)
    const folder = kind === 'names' ? path : dirname(path)
    folders.add(folder)
    for (let up = folder; !ancestors.has(up); up = dirname(up)) ancestors.add(up)
  }
  const addBuild = (owner: Owner, seen: SeenInputs): void => {
    for (const kind of ['nodes', 'names', 'texts'] as const)
      for (const path in seen[kind]) own(owner, kind, path, seen[kind][path]!)
  }
  /** Everything anew without what nobody depends on any more; how things were stays. */
  const rebuild = (): void => {
    const before = new Map(entries)
    entries.clear()
    folders.clear()
    ancestors.clear()
    unproven.clear()
    for (const [owner, files] of declared) for (const path of files) own(owner, 'nodes', path, undefined)
    for (const [owner, seen] of builds) for (const inputs of seen.values()) addBuild(owner, inputs)
    for (const [key, entry] of entries) entry.observation = before.get(key)?.observation ?? entry.observation
  }
  const isSame = (entry: Entry): boolean => {
    const { observation } = entry
    const found = now(entry.kind, entry.path)
    return observation === exists ? found !== nothing : found === observation
  }
  const candidates = (path: string): Entry[] => {
    const keys: Key[] = [`nodes ${path}`, `texts ${path}`, `names ${path}`, `names ${dirname(path)}`]
    const found = keys.flatMap((key) => entries.get(key) ?? [])
    if (!ancestors.has(path)) return found
    for (const entry of entries.values()) if (entry.path.startsWith(`${path}/`)) found.push(entry)
    return found
  }
  return {
    note(owner, build, seen) {
      const known = builds.get(owner) ?? new Map<string, SeenInputs>()
      builds.set(owner, known)
      const before = known.get(build)
      known.set(build, seen)
      addBuild(owner, seen)
      if (before && hasLost(before, seen)) rebuild()
    },
    declare(owner, files) {
      declared.set(owner, files)
      for (const path of files) own(owner, 'nodes', path, undefined)
    },
    folders: () => folders,
    size: () => new Set([...entries.values()].map(({ path }) => path)).size,
    concerns: (path) =>
      ancestors.has(path) ||
      entries.has(`nodes ${path}`) ||
      entries.has(`texts ${path}`) ||
      entries.has(`names ${dirname(path)}`),
    isChanged: (path) => candidates(path).some((entry) => !isSame(entry)),
    changedIn: (wanted) =>
      [...entries.values()]
        .filter(({ kind, path }) => wanted.has(kind === 'names' ? path : dirname(path)))
        .filter((entry) => !isSame(entry))
        .map(({ path }) => path),
    take(paths) {
      const changed = new Map<string, Entry>()
      const look = (entry: Entry, path: string): void => {
        if (isSame(entry)) return
        changed.set(path, entry)
        entry.observation = now(entry.kind, entry.path)
        for (const owner of entry.owners) owners.add(owner)
      }
      const owners = new Set<Owner>()
      for (const path of paths)
        for (const entry of candidates(path)) look(entry, entry.path === dirname(path) ? path : entry.path)
      for (const entry of unproven) look(entry, entry.path)
      unproven.clear()
      return { paths: [...changed.keys()].toSorted(), owners }
    },
  }
}

/** Whether a build no longer looks at something it looked at before. */
function hasLost(before: SeenInputs, after: SeenInputs): boolean {
  return (['nodes', 'names', 'texts'] as const).some((kind) => {
    for (const path in before[kind]) if (after[kind][path] === undefined) return true
    return false
  })
}

function now(kind: Kind, path: string): string {
  return looks[kind](path)
}

export interface FileState {
  /** bytes */
  readonly size: number
  /** when it was written last, in milliseconds since the epoch */
  readonly writtenMs: number
}

/** Nothing when it is gone. */
export function fileState(path: string): FileState | undefined {
  const stats = lstatSync(fsPath(path), { throwIfNoEntry: false })
  return stats && { size: stats.size, writtenMs: Math.max(stats.mtimeMs, stats.ctimeMs) }
}
