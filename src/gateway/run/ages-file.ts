/** When objects were first seen, kept over restarts: the oldest of two routes wins, and must go on to do so. */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { systemCode, writeFileAtomically } from '../../base/index.ts'

export interface AgesFile {
  /** milliseconds since 1970 by object; changed by its user */
  readonly ages: Map<string, number>
  /** Writes what has changed. A folder that cannot be written is told once, and ages live as long as the process. */
  readonly save: () => Promise<void>
}

/** A file for these paths of `-c`, below $XDG_STATE_HOME. */
export function agesPath(config: readonly string[], env: Readonly<NodeJS.ProcessEnv>): string {
  const state = env['XDG_STATE_HOME'] || join(homedir(), '.local/state')
  const key = createHash('sha256').update(
    JSON.stringify(config.map((path) => (path === '-' ? path : resolve(path)))),
  )
  return join(state, 'slipway/gateway', `${key.digest('hex').slice(0, 16)}.json`)
}

export async function openAgesFile(path: string, onProblem: (message: string) => void): Promise<AgesFile> {
  const ages = await readAges(path)
  let saved = JSON.stringify([...ages])
  let isTold = false
  return {
    ages,
    async save() {
      const text = JSON.stringify([...ages])
      if (text === saved) return
      try {
        await writeFileAtomically(path, text)
        saved = text
      } catch (error) {
        if (!isTold) onProblem(`ages of objects are not kept over restarts: ${(error as Error).message}`)
        isTold = true
      }
    },
  }
}

/** A file that is not there, or not what was written, is as good as none. */
async function readAges(path: string): Promise<Map<string, number>> {
  try {
    const entries = JSON.parse(await readFile(path, 'utf8')) as unknown
    const isAges = Array.isArray(entries) && entries.every(isAge)
    return new Map(isAges ? (entries as [string, number][]) : [])
  } catch (error) {
    if (error instanceof SyntaxError || systemCode(error) !== undefined) return new Map()
    throw error
  }
}

function isAge(entry: unknown): boolean {
  return Array.isArray(entry) && typeof entry[0] === 'string' && typeof entry[1] === 'number'
}
