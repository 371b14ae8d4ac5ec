/** Files as they are meant to be: programs empty or remove a file, think, and write it. */
import { setTimeout as delay } from 'node:timers/promises'
import type { Waiting } from '../../base/index.ts'
import type { ConfigFile, ConfigFiles } from '../objects/config-files.ts'

export interface SettledOptions extends Waiting {
  readonly read: () => Promise<ConfigFiles>
  /** as they were when they were read last */
  readonly before: ConfigFiles | undefined
  /** milliseconds between two looks; default 100 */
  readonly pauseMs?: number
  /** milliseconds after which files that go on changing are left as they were; default 2,000 */
  readonly capMs?: number
}

/** as many looks in a row must be the same before it is believed that a file is meant to be empty, cut or gone */
const sameLooks = 3

/**
 * Reads the files; where one that held something is gone, empty, or ends in the middle of a line, reads again until it is
 * whole or three looks are the same, times of files included.
 */
export async function readSettledFiles(options: SettledOptions): Promise<ConfigFiles> {
  const { read, before, pauseMs = 100, capMs = 2000, signal } = options
  let files = await read()
  if (!before) return files
  let same = 1
  for (let waited = 0; unfinishedPaths(files, before).length > 0 && same < sameLooks; waited += pauseMs) {
    if (waited >= capMs) return withTextsBefore(files, before)
    await delay(pauseMs, undefined, { ...(signal && { signal }) })
    const next = await read()
    same = hasSameFiles(next, files) && stampsOf(next) === stampsOf(files) ? same + 1 : 1
    files = next
  }
  return files
}

/** Whether nothing of two looks differs. */
export function hasSameFiles(a: ConfigFiles, b: ConfigFiles): boolean {
  return (
    a.files.length === b.files.length &&
    a.files.every((file, index) => file.path === b.files[index]?.path && file.text === b.files[index].text) &&
    JSON.stringify(a.problems) === JSON.stringify(b.problems)
  )
}

function unfinishedPaths({ files }: ConfigFiles, before: ConfigFiles): string[] {
  const texts = new Map(files.map(({ path, text }) => [path, text]))
  const isUnfinished = ({ path, text }: ConfigFile): boolean => {
    const now = texts.get(path)
    if (now === text || text.trim() === '') return false
    return now === undefined || now.trim() === '' || (text.endsWith('\n') && !now.endsWith('\n'))
  }
  return before.files.filter(isUnfinished).map(({ path }) => path)
}

/** Files that are not whole, with what they held. */
function withTextsBefore(files: ConfigFiles, before: ConfigFiles): ConfigFiles {
  const unfinished = new Set(unfinishedPaths(files, before))
  const others = files.files.filter(({ path }) => !unfinished.has(path))
  return { ...files, files: [...others, ...before.files.filter(({ path }) => unfinished.has(path))] }
}

function stampsOf({ files }: ConfigFiles): string {
  return files.map(({ stamp }) => stamp).join()
}
