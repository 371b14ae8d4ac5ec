/** The cache as a whole: its parts, what other versions of the program left in it, and what is not of this program. */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileFailure, systemCode } from '../../base/index.ts'
import { entriesPart, look, removeTree } from './entries-part.ts'
import { logPart } from './log-part.ts'
import type { CacheEntry, CachePart } from './part.ts'
import { cachePlaces, cacheUseFolder, placeOfName, type CacheName } from './places.ts'

export interface CacheParts {
  readonly folder: string
  /** in the order of the table of places */
  readonly parts: readonly CachePart[]
  /** names in the cache folder that no part has and no version of the program had: never removed */
  readonly unknown: readonly string[]
}

/** @param version of the program, which names its folder of remembered builds. @throws Failure FILE_SYSTEM */
export async function openCacheParts(folder: string, { version }: { version: string }): Promise<CacheParts> {
  const outdated = new Map<CacheName, string[]>()
  const unknown: string[] = []
  for (const name of await namesOf(folder)) {
    const found = placeOfName(name.replace(/(?:\.lock|\.\d+-[0-9a-f]+\.tmp)$/, ''))
    if (found && (found.isOutdated || name.endsWith('.tmp')))
      outdated.set(found.place, [...(outdated.get(found.place) ?? []), name])
    else if (!found && name !== cacheUseFolder) unknown.push(name)
  }
  const names = Object.keys(cachePlaces) as CacheName[]
  return {
    folder,
    unknown,
    parts: names.map((name) => {
      const { kind } = cachePlaces[name].shape
      const part = kind === 'log' ? logPart(folder, name) : entriesPart({ cache: folder, name, version })
      return withOutdated(part, folder, outdated.get(name) ?? [])
    }),
  }
}

/** With whole files and folders in older or newer formats as entries. */
function withOutdated(part: CachePart, folder: string, names: readonly string[]): CachePart {
  if (names.length === 0) return part
  const prefix = '../'
  return {
    ...part,
    async list() {
      const found: CacheEntry[] = [...(await part.list())]
      for (const name of names) {
        const entry = await look(name, join(folder, name))
        if (entry) found.push({ ...entry, id: `${prefix}${name}`, isOutdated: true })
      }
      return found
    },
    async remove(entries) {
      await part.remove(entries.filter(({ id }) => !id.startsWith(prefix)))
      for (const { id } of entries)
        if (id.startsWith(prefix)) await removeTree(join(folder, id.slice(prefix.length)))
    },
  }
}

async function namesOf(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).toSorted()
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return []
    throw fileFailure('list', folder, error)
  }
}
