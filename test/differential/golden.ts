/** What the oracle said, kept in the repository: one file per group, by name of the case. */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Outcome } from './outcome.ts'

export interface GoldenCase {
  readonly oracle: Outcome
  /** for cases that name differences: the lines that differ, `- ` the oracle's and `+ ` ours */
  readonly differs?: readonly string[]
}

export type GoldenFile = Readonly<Record<string, GoldenCase>>

const folder = join(import.meta.dirname, 'golden')

/** Nothing is recorded: an empty file. */
export async function readGolden(group: string): Promise<GoldenFile> {
  try {
    return JSON.parse(await readFile(join(folder, `${group}.json`), 'utf8')) as GoldenFile
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {}
    throw error
  }
}

export async function writeGolden(group: string, golden: GoldenFile): Promise<void> {
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, `${group}.json`), `${JSON.stringify(golden, null, 2)}\n`)
}
