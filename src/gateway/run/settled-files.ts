/** Files as they are meant to be: programs empty or remove a file, think, and write it. */
import { setTimeout as delay } from 'node:timers/promises'
import type { Waiting } from '../../base/index.ts'
import type { ConfigFiles } from '../objects/config-files.ts'

export interface SettledOptions extends Waiting {
  readonly read: () => Promise<ConfigFiles>
  /** as they were when they were read last */
  readonly before: ConfigFiles | undefined
  /** milliseconds between two looks; default 100 */
  readonly pauseMs?: number
  /** milliseconds after which it is believed that this is all; default 1,000 */
  readonly capMs?: number
}

/**
 * Reads the files; where one that held something is gone, empty, or ends in the middle of a line, reads again until two
 * looks are the same.
 */
export async function readSettledFiles(options: SettledOptions): Promise<ConfigFiles> {
  const { read, before, pauseMs = 100, capMs = 1000, signal } = options
  let files = await read()
  for (let waited = 0; before && waited < capMs && looksUnfinished(files, before); waited += pauseMs) {
    await delay(pauseMs, undefined, { ...(signal && { signal }) })
    const next = await read()
    const isSame = hasSameFiles(next, files)
    files = next
    if (isSame) break
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

function looksUnfinished({ files }: ConfigFiles, before: ConfigFiles): boolean {
  const texts = new Map(files.map(({ path, text }) => [path, text]))
  return before.files.some(({ path, text }) => {
    const now = texts.get(path)
    if (now === text || text.trim() === '') return false
    return now === undefined || now.trim() === '' || (text.endsWith('\n') && !now.endsWith('\n'))
  })
}
